"""`dataagents vote`: ballots in a file, counted without a kernel."""

import json
import re
import sys
from pathlib import Path

import pytest

from dataagents.core.plugin_manager import PluginManager

EXAMPLES = Path(__file__).parents[3] / "examples" / "decisions"
TENNESSEE = EXAMPLES / "tennessee.yaml"
RULES = tuple(PluginManager().load().voting_rules)

FAILING = """
    from dataagents.core import Strategy, hookimpl

    class Failing:
        def tally(self, motion, ballots):
            raise ValueError("broken on purpose")

    @hookimpl
    def register_voting_rules():
        return [Strategy("failing", lambda options: Failing())]
"""


@pytest.fixture
def written(home):
    """Write a file of a decision, and return its name."""

    def write(content, name="votes.yaml"):
        (home / name).write_text(content if isinstance(content, str) else json.dumps(content))
        return name

    return write


def test_the_result_the_bars_and_the_voters_are_shown(cli):
    done = cli("vote", TENNESSEE)

    assert done.exit_code == 0
    lines = done.stdout.splitlines()
    assert lines[:2] == [
        "Where should the capital of Tennessee be?",
        "By plurality, 'Memphis' won with 42 of 100 votes (42.0%); 100 of 100 enrolled voted.",
    ]
    assert re.search(r"^  Memphis +█{10}░{14}  42 \(42\.0%\)  won$", done.stdout, re.MULTILINE)
    assert "  42 voters  Memphis > Nashville > Chattanooga > Knoxville" in lines
    assert all(line == line.rstrip() for line in lines)


def test_no_decision_is_1_and_shows_what_was_needed(cli):
    done = cli("vote", EXAMPLES / "release.json")

    assert done.exit_code == 1
    assert "'yes' leads with 4 of 6 votes (66.7%), 67.0% needed" in done.stdout
    bar = next(line for line in done.stdout.splitlines() if line.startswith("  yes "))
    assert bar == "  yes  ████████████████│░░░░░░░  4 (66.7%)  leads"
    assert "│ 0.67 needed (67/100)" in done.stdout
    assert "quorum: 5 needed, 7 ballots" in done.stdout
    assert re.search(r"coordinator +abstains +no view on this", done.stdout)


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_shows_its_result(cli, rule):
    done = cli("vote", EXAMPLES / "formats.yaml", "--rule", rule)
    told = json.loads(cli("vote", EXAMPLES / "formats.yaml", "--rule", rule, "--json").stdout)

    assert done.exit_code == (0 if told["decision"] else 1)
    assert f"By {rule}, {told['reason']}" in " ".join(done.stdout.split())
    assert told["rule"] == rule
    assert len(told["ballots"]) == 13
    assert set(told["counts"]) == {"avro", "csv", "json", "parquet"}


def test_all_rules_are_compared_in_the_words_of_the_page(cli, repository):
    done = cli("vote", EXAMPLES / "formats.yaml", "--all")
    told = json.loads(cli("vote", EXAMPLES / "formats.yaml", "--all", "--json").stdout)

    assert done.exit_code == 0
    page = (repository / "docs" / "voting.md").read_text(encoding="utf-8")
    assert [each["rule"] for each in told["rules"]] == list(RULES)
    for each in told["rules"]:
        row = f"| `{each['rule']}` | {each['decision'] or 'nothing'} | {each['reason']} |"
        assert row in page
        assert re.search(rf"^ {each['rule']} +{each['decision'] or 'nothing'} ", done.stdout, re.M)


def test_a_rule_that_fails_is_a_row_of_the_comparison(cli, install):
    install("failing", FAILING)

    done = cli("vote", TENNESSEE, "--all")
    assert done.exit_code == 0
    assert re.search(r"^ failing +- +failed: ValueError: broken on purpose", done.stdout, re.M)
    failed = json.loads(cli("vote", TENNESSEE, "--all", "--json").stdout)["rules"][-1]
    assert failed["rule"] == "failing"
    alone = cli("vote", TENNESSEE, "--rule", "failing")
    assert (alone.exit_code, alone.stdout) == (4, "")


def test_everything_that_a_ballot_can_say_counts(cli, written):
    file = written(
        {
            "options": ["a", "b", "c"],
            "voters": ["v1", "v2", "v3", "v4", "v5", "v6"],
            "rule": "weighted",
            "rule_options": {"threshold": "1/2", "veto": ["v4"]},
            "ballots": [
                {"voter": "v1", "choice": "a", "confidence": 0.8, "reputation": 2},
                {"voter": "v2", "ranking": ["b", ["a", "c"]], "confidence": 0.25},
                {"voter": "v3", "scores": {"a": 0.9, "b": 0.2}, "weight": 0.5},
                {"voter": "v4", "approvals": ["b", "c"], "vetoes": ["a"], "reason": "too dear"},
                {"voter": "v5"},
            ],
        },
        "votes.json",
    )
    done = cli("vote", file)
    told = json.loads(cli("vote", file, "--json").stdout)

    assert done.exit_code == 1
    assert told["verdict"] == "vetoed"
    assert told["figures"] == {"a": 1.85, "b": 0.25, "c": 0}
    assert told["weights"] == {"v1": 2, "v3": 0.5}
    assert told["missing"] == {"v6": "gave no ballot"}
    assert told["rule_options"]["threshold"] == "1/2"
    assert "v4 vetoed it: too dear" in done.stdout
    for line in (r"v2 +b > a = c +confidence 0.25 +weight 1", r"v4 +b, c; vetoes a", r"v5 +abst"):
        assert re.search(rf"^  {line}", done.stdout, re.MULTILINE)
    assert re.search(r"^  v6 +gave no ballot", done.stdout, re.MULTILINE)


@pytest.mark.parametrize(
    "profile",
    [
        'profile:\n  - "2: a > b = c"\n  - b > a\n  - 1: c\n',
        "profile: |\n  2: a > b = c\n  1: b > a\n\n  c\n",
        "profile:\n  - {times: 2, ranking: [a, [b, c]]}\n  - {ranking: b > a}\n  - c\n",
        'profile:\n  2: a > b = c\nballots:\n  - {ranking: "b > a"}\n  - {choice: c}\n',
    ],
)
def test_a_profile_has_many_forms(cli, written, profile):
    told = json.loads(cli("vote", written(f"rule: plurality\n{profile}"), "--json").stdout)

    assert told["counts"] == {"a": 2, "b": 1, "c": 1}
    assert (told["decision"], told["cast"]) == ("a", 4)
    alike = [each["ranking"] for each in told["ballots"] if each["choice"] == "a"]
    assert alike == [["a", ["b", "c"]]] * 2


def test_words_and_numbers_are_options_as_they_are_written(cli, written):
    file = written("options: [yes, no, 2026-01-01, 7]\nballots:\n  - choice: no\n  - choice: no\n")

    told = json.loads(cli("vote", file, "--json").stdout)
    assert told["options"] == ["yes", "no", "2026-01-01", "7"]
    assert told["decision"] == "no"


def test_proposals_are_options_too(cli, written):
    file = written(
        "proposals:\n  - {option: a, proposer: ann, score: 0.9}\n  - {option: b}\n"
        "ballots:\n  - choice: b\n"
    )
    assert json.loads(cli("vote", file, "--json").stdout)["options"] == ["a", "b"]


def test_options_on_the_command_line_take_precedence(cli, written):
    file = written("threshold: 0.9\nprofile:\n  - 2: a\n  - 1: b\n")

    assert cli("vote", file).exit_code == 1
    done = cli("vote", file, "--option", "threshold=2/3")
    assert (done.exit_code, "66.7% needed" in done.stdout) == (0, True)
    assert "rule_options.threshold: unknown key" in cli("vote", file, "--rule", "majority").stderr


def test_options_for_the_rule_of_the_file_do_not_count_for_others(cli, written):
    file = written("rule: supermajority\nthreshold: 0.9\nprofile:\n  - 2: a\n  - 1: b\n")

    assert cli("vote", file, "--rule", "majority").exit_code == 0
    compared = json.loads(cli("vote", file, "--all", "--json").stdout)["rules"]
    thresholds = {each["rule"]: each["threshold"] for each in compared}
    assert thresholds["supermajority"] == "9/10"
    assert thresholds["plurality"] == "most votes"
    both = cli("vote", file, "--all", "--json", "--option", "tie_break=order")
    assert {each["rule_options"]["tie_break"] for each in json.loads(both.stdout)["rules"]} == {
        "order"
    }


def test_a_tie_and_how_it_was_broken_are_told(cli, written):
    tied = written("rule: plurality\nprofile: |\n  a\n  b\n", "tied.yaml")

    assert "a and b tie with 1 of 2 votes (50.0%) each" in cli("vote", tied).stdout
    done = cli("vote", tied, "--option", "tie_break=order")
    assert done.exit_code == 0
    assert "tie: a, b; broken for " in done.stdout


def test_figures_that_are_no_shares_have_no_threshold(cli):
    done = cli("vote", EXAMPLES / "formats.yaml", "--rule", "minimax")

    assert "█" not in done.stdout
    assert "what minimax compares; the highest figure leads" in done.stdout


def test_a_file_without_options_decides_nothing(cli, written):
    done = cli("vote", written("ballots: []\n"))

    assert (done.exit_code, "nobody proposed an option" in done.stdout) == (1, True)


def test_many_voters_are_cut_short(cli, written):
    file = written("profile: |\n" + "  a > b\n" * 60)

    done = cli("vote", file)
    assert "and 20 more: --json has all" in done.stdout


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("ballots:\n - {choise: a}\n", "ballots.0.choise: unknown key. Did you mean 'choice'?"),
        ("ballots:\n - {choice: a}\n - {scores: {a: 2}}\n", "ballots.1.scores.a: Input should"),
        ("ballots:\n - {choice: a, confidence: .nan}\n", "ballots.0.confidence: Input should be"),
        ("ballots:\n - {choice: a, weight: 1e9}\n", "ballots.0.weight: Input should be"),
        (
            "options: [csv, json]\nballots:\n - {choice: cvs}\n",
            "ballots.0.choice: 'cvs' is no option. Did you mean 'csv'?",
        ),
        (
            "options: [csv, json]\nprofile:\n - '3: csv > jsn = csv'\n",
            "profile.0.ranking.1.0: 'jsn' is no option. Did you mean 'json'?",
        ),
        ("options: [a]\nballots:\n - {scores: {b: 1}}\n", "ballots.0.scores.b: 'b' is no option"),
        ("options: [a]\nballots:\n - {approvals: [b]}\n", "ballots.0.approvals.0: 'b' is no"),
        ("options: [a]\nballots:\n - {vetoes: [b]}\n", "ballots.0.vetoes.0: 'b' is no option"),
        ("options: [a, b, a]\n", "options.2: 'a' is there twice"),
        ("profile:\n  1: a > b\n  1: b > a\n", "'1' occurs twice; write a list to say both"),
        ("profile:\n - 'a >'\n", "profile.0.ranking: 'a >' has an empty place; write it as"),
        ("profile: 7\n", "profile: Input should be"),
        ("profile:\n - 7\n", "profile.0: Input should be"),
        ("profile:\n - '999999: a'\n - '2: a'\n", "1,000,001 ballots are more than 1,000,000"),
        ("ballots:\n - {voter: x, choice: a}\n - {voter: x}\n", "ballots.1.voter: 'x' votes twice"),
        (
            "voters: [ann, bob]\nballots:\n - {voter: anne, choice: a}\n",
            "ballots.0.voter: 'anne' is none of the voters. Did you mean 'ann'?",
        ),
        (
            "ballots:\n - {ranking: [a, [b, c]], choice: b}\n",
            "ballots.0.choice: 'b' is not what the ranking puts first",
        ),
        ("quorum: 0\n", "quorum: Input should be"),
        ("rule: bordo\n", "rule: no voting rule named 'bordo' is installed. Did you mean 'borda'?"),
        (
            "rule: borda\nrule_options: {tiebreak: order}\n",
            "rule_options.tiebreak: unknown key. Did you mean 'tie_break'?",
        ),
        ("threshold: 3\n", "rule_options.threshold: has to be above 0"),
        ("a: [b\n", "not valid YAML: while parsing a flow sequence"),
        ("a: !!python/name:os.system\n", "not valid YAML: could not determine a constructor"),
        ("ballots: &x [*x]\n", "ballots.0: Input should be"),
        ("- a\n", "it holds a list, not fields with values"),
        ("", "it holds nothing, not fields with values"),
    ],
)
def test_what_is_wrong_is_one_line_with_the_file_and_the_field(cli, written, content, problem):
    done = cli("vote", written(content))

    assert (done.exit_code, done.stdout) == (2, "")
    assert len(done.stderr.splitlines()) == 1
    assert done.stderr.startswith("dataagents: votes.yaml: ")
    assert problem in done.stderr


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ('{"ballots": [', "not valid JSON: Expecting value"),
        ('{"rule": "borda", "rule": "score"}', "'rule' occurs twice"),
        ("[" * 100_000, "it is nested too deeply"),
        ('{"ballots": [{"choice": "a", "confidence": NaN}]}', "ballots.0.confidence: Input should"),
    ],
)
def test_json_is_held_to_the_same(cli, written, content, problem):
    done = cli("vote", written(content, "votes.json"))

    assert (done.exit_code, done.stdout) == (2, "")
    assert problem in done.stderr


@pytest.mark.parametrize("depth", [1_000, pytest.param(100_000, marks=pytest.mark.slow)])
def test_yaml_that_is_nested_too_deeply_is_refused(cli, written, depth):
    done = cli("vote", written(f"a: {'[' * depth}"))
    assert (done.exit_code, "it is nested too deeply" in done.stderr) == (2, True)


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        (("--option", "nonsense"), "--option nonsense: it has no key or no value"),
        (("--option", "threshhold=1"), "threshhold: unknown key. Did you mean 'threshold'?"),
        (("--all", "--option", "x=1"), "--option: x: no installed rule has it"),
        (("--rule", "schultze"), "--rule: no voting rule named 'schultze' is installed. Did you"),
    ],
)
def test_a_wrong_option_says_what_to_write(cli, options, problem):
    done = cli("vote", TENNESSEE, *options)

    assert (done.exit_code, done.stdout) == (2, "")
    assert problem in done.stderr


def test_a_file_that_cannot_be_read_is_2(cli, home):
    (home / "binary.yaml").write_bytes(b"\xff\xfe\x00")
    (home / "long.yaml").write_bytes(b"#" * 20_000_001)

    assert "No such file" in cli("vote", "nothing.yaml").stderr
    assert "it is no text in UTF-8: byte 0" in cli("vote", "binary.yaml").stderr
    assert "it is larger than 20 MB" in cli("vote", "long.yaml").stderr


def test_the_standard_input_is_a_file_too(shell, home):
    done = shell("vote", "-", before="import sys, io; sys.stdin = open('votes.json')")
    assert (done.returncode, "votes.json" in done.stderr) == (1, True)


def test_without_yaml_json_works_and_yaml_names_the_extra(cli, written, monkeypatch):
    monkeypatch.setitem(sys.modules, "yaml", None)
    monkeypatch.setattr("dataagents.console.commands.decision_file.find_spec", lambda name: None)

    assert cli("vote", EXAMPLES / "release.json").exit_code == 1
    done = cli("vote", TENNESSEE)
    assert done.exit_code == 2
    assert "pip install 'dataagents[data]'" in done.stderr


def test_nothing_in_a_file_acts_on_the_terminal(cli, written):
    file = written(
        {
            "question": "\x1b[2J",
            "options": ["\x1b[31mred", "[bold]b"],
            "ballots": [{"voter": "\x9b1m", "choice": "[bold]b", "reason": "\x1b]0;x\x07"}],
        },
        "votes.json",
    )
    for options in ((), ("--all",), ("--json",)):
        done = cli("vote", file, *options)
        assert done.exit_code == 0
        assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f]", done.stdout)
    assert "[bold]b" in cli("vote", file).stdout


@pytest.mark.parametrize("options", [(), ("--all",)])
def test_it_fits_a_narrow_terminal(cli, options):
    told = cli("vote", EXAMPLES / "formats.yaml", *options, COLUMNS="60").stdout
    assert max(map(len, told.splitlines())) <= 60


def test_no_file_is_made(cli, home):
    cli("vote", TENNESSEE)
    assert list(home.iterdir()) == []


def test_the_page_shows_what_is_shown(cli, repository):
    page = (repository / "docs" / "cli.md").read_text(encoding="utf-8")
    shown = re.findall(r"```console\n\$ dataagents ((?:vote|auction) .*)\n((?:.*\n)*?)```", page)

    assert len(shown) == 4
    for command, output in shown:
        words = [
            repository / word if word.startswith("examples/") else word for word in command.split()
        ]
        told = cli(*words, COLUMNS="80").stdout
        assert told.rstrip("\n") == output.rstrip("\n"), command
