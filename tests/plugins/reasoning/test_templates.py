"""Prompts are files: bundled in versions, replaced by those of a folder."""

import pytest

from dataagents.core.errors import ConfigError
from dataagents.plugins.reasoning.templates import Templates

QUESTIONS = (
    "What do I understand about schema and quality?",
    "Which transformation gaps remain?",
    "What is the most productive next action?",
    "Which consistency risks should I consider?",
)


def test_the_bundled_thought_prompt_asks_the_four_questions():
    thought = Templates.load("v1").thought.template
    assert [thought.index(question) for question in QUESTIONS] == sorted(
        thought.index(question) for question in QUESTIONS
    )


def test_a_folder_replaces_the_prompts_that_it_has(tmp_path):
    (tmp_path / "thought.md").write_text("Only this: $question costs $$5")
    mixed = Templates.load(str(tmp_path))
    assert mixed.thought.substitute(question="why?") == "Only this: why? costs $5"
    assert mixed.decision.template == Templates.load("v1").decision.template


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("thoughts.md", "x", "there is no prompt 'thoughts.md'.*thought.md"),
        ("thought.md", "about $questoin", r"\$questoin that nothing fills.*question"),
        ("thought.md", "$5 a word", r"a lone \$"),
        ("instructions.md", "about $question", r"\$question that nothing fills"),
    ],
)
def test_a_prompt_that_can_not_be_used_is_named(tmp_path, name, text, says):
    (tmp_path / name).write_text(text)
    with pytest.raises(ConfigError, match=says):
        Templates.load(str(tmp_path))


def test_a_prompt_that_is_no_text_is_named(tmp_path):
    (tmp_path / "thought.md").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigError, match=r"thought\.md"):
        Templates.load(str(tmp_path))


def test_an_unknown_version_is_named_with_the_nearest():
    with pytest.raises(ConfigError, match=r"'v2' is no version of the bundled prompts.*v1"):
        Templates.load("v2")
