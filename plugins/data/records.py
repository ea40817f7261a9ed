"""The base of what is kept in JSON and YAML files."""

from pydantic import BaseModel, ConfigDict


class Record(BaseModel):
    """A value that is kept in a file: frozen, unknown keys refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")
