"""Settings: the base of everything that people configure."""

from typing import Annotated, TypeAlias

from pydantic import BaseModel, ConfigDict, Field

Level: TypeAlias = Annotated[float, Field(ge=0, le=1)]
Seconds: TypeAlias = Annotated[float, Field(gt=0, allow_inf_nan=False)]


class Settings(BaseModel):
    """Base of everything that people configure: frozen, unknown keys refused."""

    # Built at first use: a model that nobody validates should cost nothing at import.
    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)
