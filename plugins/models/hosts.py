"""The hosts of language models that can be named, and what each of them needs."""

import os
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Host:
    """Where models run: a service, or a server of one's own."""

    name: str
    """As pydantic-ai calls it."""
    title: str
    """As people call it."""
    key_variables: tuple[str, ...]
    """Environment variables that may hold the key; the first one that is set counts."""
    address_variable: str = ""
    """Environment variable that may hold the base URL."""
    address: str | None = None
    """The base URL when none is configured; None leaves it to the library."""
    movable: bool = True
    """Whether it can be found at another base URL."""
    keyless: bool = False
    """Whether it answers without a key."""
    library: str = "openai"
    """The extra of pydantic-ai-slim that has its client."""

    @property
    def key_option(self) -> str:
        """Where its key is configured."""
        return f"options.{self.name}.api_key"

    @property
    def address_option(self) -> str:
        """Where its base URL is configured."""
        return f"options.{self.name}.base_url"

    @property
    def place(self) -> str:
        """Where it is found: its base URL, or its name where the library knows that."""
        return self.address or self.title

    def key(self, configured: str | None) -> str | None:
        """Return the key to use: the configured one, or the environment's."""
        return configured or _first_set(self.key_variables)

    def base_url(self, configured: str | None) -> str | None:
        """Return the base URL to use: the configured one, the environment's, or the usual one."""
        return configured or _first_set((self.address_variable,)) or self.address


OPENAI_ADDRESS = "https://api.openai.com/v1"


def _openai(name: str, title: str) -> Host:
    return Host(name, title, ("OPENAI_API_KEY",), "OPENAI_BASE_URL", OPENAI_ADDRESS)


def _fixed(name: str, title: str, key_variable: str) -> Host:
    return Host(name, title, (key_variable,), movable=False)


def _local(name: str, title: str, prefix: str, port: int) -> Host:
    address = f"http://localhost:{port}/v1"
    return Host(name, title, (f"{prefix}_API_KEY",), f"{prefix}_BASE_URL", address, keyless=True)


HOSTS = (
    _openai("openai", "OpenAI, or of any server with its chat API when base_url is set"),
    _openai("openai-chat", "OpenAI, by its chat API"),
    _openai("openai-responses", "OpenAI, by its Responses API"),
    Host(
        "anthropic",
        "Anthropic",
        ("ANTHROPIC_API_KEY",),
        "ANTHROPIC_BASE_URL",
        library="anthropic",
    ),
    Host("google", "Google", ("GOOGLE_API_KEY", "GEMINI_API_KEY"), library="google"),
    Host("mistral", "Mistral", ("MISTRAL_API_KEY",), library="mistral"),
    Host("groq", "Groq", ("GROQ_API_KEY",), "GROQ_BASE_URL", library="groq"),
    _local("ollama", "Ollama", "OLLAMA", 11434),
    _local("vllm", "vLLM", "VLLM", 8000),
    _fixed("openrouter", "OpenRouter", "OPENROUTER_API_KEY"),
    _fixed("deepseek", "DeepSeek", "DEEPSEEK_API_KEY"),
    _fixed("together", "Together AI", "TOGETHER_API_KEY"),
    _fixed("fireworks", "Fireworks AI", "FIREWORKS_API_KEY"),
    _fixed("cerebras", "Cerebras", "CEREBRAS_API_KEY"),
)
"""Every host whose models can be asked by name."""


def _first_set(variables: tuple[str, ...]) -> str | None:
    values = (os.environ.get(name) for name in variables)
    return next((value for value in values if value), None)
