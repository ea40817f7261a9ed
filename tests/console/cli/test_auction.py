"""`dataagents auction`: bids in a file, awarded without a kernel."""

import json
import re
from pathlib import Path

import pytest

from dataagents.core.plugin_manager import PluginManager

EXAMPLES = Path(__file__).parents[3] / "examples" / "decisions"
DIGGING = EXAMPLES / "digging.yaml"
TASKS = EXAMPLES / "three-tasks.yaml"
REGISTRY = PluginManager().load()


@pytest.fixture
def written(home):
    """Write a file of an auction, and return its name."""

    def write(content, name="bids.yaml"):
        (home / name).write_text(content if isinstance(content, str) else json.dumps(content))
        return name

    return write


def asked(cli, *arguments):
    """Return the exit code and the JSON of an auction."""
    done = cli("auction", *arguments, "--json")
    return done.exit_code, json.loads(done.stdout)


def test_the_ranking_the_price_and_who_was_left_out_are_shown(cli):
    done = cli("auction", DIGGING)

    assert done.exit_code == 0
    assert done.stdout.startswith("By vickrey, dig goes to a for 12: a bids 10, the best of 3")
    rows = [line.split() for line in done.stdout.splitlines() if re.match(r" +\d ", line)]
    assert rows == [
        ["1", "a", "10", "0.9", "1m00s", "wins,", "is", "paid", "12"],
        ["2", "b", "12", "0.9", "45s", "runner-up"],
        ["3", "c", "15", "0.9", "30s"],
    ]
    assert "does not count: dear (25 is above the reserve" in done.stdout
    assert "can't take part: weak ('dig' at 0.2, needs 0.5)" in done.stdout


@pytest.mark.parametrize(
    ("auction", "price"),
    [("sealed-bid", 10), ("vickrey", 12), ("english", 12), ("contract-net", 10)],
)
def test_every_auction_comes_to_what_the_page_says(cli, repository, auction, price):
    code, told = asked(cli, DIGGING, "--auction", auction, "--option", "minimum_quality=0.1")

    page = (repository / "docs" / "bidding.md").read_text(encoding="utf-8")
    assert re.search(rf"\| `{auction}` \| .* \| a, {price} \|", page)
    (award,) = told["awards"]
    assert (code, award["winner"], award["price"]) == (0, "a", price)
    assert told["auction_options"]["minimum_quality"] == 0.1
    assert set(award["ineligible"]) == {"weak"}
    assert set(award["rejected"]) == {"dear"}


def test_all_that_is_installed_is_tried_here():
    assert set(REGISTRY.auctions) == {"sealed-bid", "vickrey", "english", "contract-net"}
    assert set(REGISTRY.allocators) == {"assignment", "makespan"}


def test_rounds_are_told_and_cut_short(cli):
    few = cli("auction", DIGGING, "--auction", "english").stdout
    many = cli("auction", DIGGING, "--auction", "english", "--option", "step=0.1").stdout

    assert re.search(r"round 1 +asks 20 +a, b, c\n", few)
    assert re.search(r"round 10 +asks 11 +nobody\n", few)
    assert "does it for 25, above the price asked, 20" in few
    assert "  …\n" in many
    assert len(many.splitlines()) < 40


def test_an_english_auction_without_a_limit_takes_any_price_first(cli, written):
    file = written("auction: english\nlot: {task: x, bids: {a: 5, b: 8, c: 9}}\n")

    done = cli("auction", file)
    assert "round 1  any price  a, b, c" in done.stdout
    assert "By english, x goes to a for 5" in done.stdout


@pytest.mark.parametrize(
    ("options", "value", "winners"),
    [
        ((), 7, ["b", "a", "c"]),
        (("--option", "method=exact"), 7, ["b", "a", "c"]),
        (("--option", "method=one-by-one"), 14, ["a", "b", "c"]),
        (("--auction", "makespan"), 30, None),
    ],
)
def test_several_lots_are_shared_out_at_once(cli, options, value, winners):
    code, told = asked(cli, TASKS, *options)

    assert (code, told["value"]) == (0, value)
    assert told["bound"] <= told["value"]
    if winners:
        assert [award["winner"] for award in told["awards"]] == winners
    shown = cli("auction", TASKS, *options).stdout
    assert f"{value}, by {told['method']}: " in shown
    assert ("nothing better is possible" in shown) == (told["gap"] == 0)
    assert re.search(r"^  a +1 lot +paid \d+ +\d+s", shown, re.MULTILINE)
    assert "everybody is done after 30s" in shown


def test_how_far_from_the_bound_it_is(cli):
    told = cli("auction", TASKS, "--option", "method=one-by-one").stdout
    assert "at most 100.00% above the optimum, which is at least 7" in told


def test_several_lots_can_be_auctioned_one_by_one(cli):
    code, told = asked(cli, TASKS, "--auction", "vickrey")

    assert code == 0
    assert [(each["winner"], each["price"]) for each in told["awards"]] == [
        ("a", 2), ("a", 9), ("b", 3),
    ]  # fmt: skip
    assert cli("auction", TASKS, "--auction", "vickrey").stdout.count("By vickrey, ") == 3


def test_what_is_left_over_is_1_and_says_why(cli, written):
    file = written(
        "auction_options: {capacity: 1}\n"
        "agents: {weak: {capabilities: {}}}\n"
        "lots:\n"
        "  - {task: x, bids: {a: 1}}\n"
        "  - {task: y, requires: {dig: 1}, budget: 5, bids: {a: 2, b: 9, weak: 1}}\n"
        "  - {task: z, budget: 1, bids: {b: 9}}\n"
    )
    code, told = asked(cli, file)
    shown = cli("auction", file).stdout

    assert code == 1
    assert [award["outcome"] for award in told["awards"]] == [
        "awarded", "no_capacity", "no_valid_bid",
    ]  # fmt: skip
    assert told["loads"] == {"a": 1}
    assert "1 of 3 lots are awarded" in shown
    assert "does not count for z: b (9 is above the budget" in shown
    assert "can't do y: weak (lacks 'dig')" in shown
    assert re.search(r"^ y +nobody +- +- +all 1 bidders have as many lots", shown, re.MULTILINE)


def test_nobody_eligible_and_no_valid_bid_are_told_apart(cli, written):
    unable = written(
        "lot: {task: x, requires: {dig: 0.5}, bids: {a: 1}}\n"
        "agents: {a: {capabilities: {dig: 0.1}}, b: {capabilities: {carry: 1}}}\n"
    )
    dear = written("lot: {task: x, budget: 1, bids: {a: 3}}\nagents: {b: {}}\n", "dear.yaml")

    assert asked(cli, unable)[1]["awards"][0]["outcome"] == "no_eligible"
    code, told = asked(cli, dear)
    assert (code, told["awards"][0]["outcome"]) == (1, "no_valid_bid")
    assert told["awards"][0]["rejected"]["b"] == "made no offer"
    assert "By sealed-bid, x is not awarded: " in cli("auction", dear).stdout


def test_reputation_and_weights_enter_the_score(cli, written):
    lot = {
        "task": "x",
        "weights": {"quality": 2, "cost": 0.5, "seconds": 0},
        "bids": {"a": {"cost": 1, "quality": 0.9}, "b": {"cost": 4, "quality": 0.9}},
    }
    file = written({"lot": lot, "agents": {"a": {"reputation": 0.5}}}, "bids.json")
    (award,) = asked(cli, file)[1]["awards"]
    assert award["winner"] == "b"
    assert award["scores"] == pytest.approx({"a": 0.45**2, "b": 0.9**2 / 2})
    assert re.search(r"reputation", cli("auction", file).stdout)

    lot["bids"]["a"]["reputation"] = 1.0
    (award,) = asked(cli, written({"lot": lot, "agents": {"a": {"reputation": 0.5}}}))[1]["awards"]
    assert award["winner"] == "a"


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("lot: {task: x, bids: {a: -1}}", "lot.bids.a.cost: Input should be greater than 0"),
        ("lot: {task: x, bids: {a: .inf}}", "lot.bids.a.cost: Input should be a finite number"),
        (
            "lots:\n - {task: x, bids: {a: {cost: 1, qualty: 1}}}",
            "lots.0.bids.a.qualty: unknown key. Did you mean 'quality'?",
        ),
        ("lot: {task: x, bids: [a]}", "lot.bids: Input should be"),
        ("lot: {task: x}", "nobody bids. Give each lot 'bids'"),
        ("lots: []", "it has no lot. Give a 'lot'"),
        ("lot: {task: x}\nlots: [{task: y}]", "lot: give either 'lot' or 'lots', not both"),
        ("lots: [{task: x}, {task: x}]", "lots.0.task: 'x' is the name of two lots"),
        (
            "auction: vikrey\nlot: {task: x, bids: {a: 1}}",
            "auction: no auction named 'vikrey' is installed. Did you mean 'vickrey'?",
        ),
        (
            "auction: english\nauction_options: {stepp: 1}\nlot: {task: x, bids: {a: 1}}",
            "auction_options.stepp: unknown key. Did you mean 'step'?",
        ),
        ("lot: {task: x, bids: {a: 1, a: 2}}", "'a' occurs twice"),
    ],
)
def test_what_is_wrong_is_one_line_with_the_file_and_the_field(cli, written, content, problem):
    done = cli("auction", written(content))

    assert (done.exit_code, done.stdout) == (2, "")
    assert len(done.stderr.splitlines()) == 1
    assert done.stderr.startswith("dataagents: bids.yaml: ")
    assert problem in done.stderr


def test_nothing_in_a_file_acts_on_the_terminal(cli, written):
    lot = {"task": "\x1b[2Jx", "bids": {"\x9ba": {"cost": 1, "reason": "\x07"}, "[b]": 2}}
    lots = [lot, {**lot, "task": "[bold]y"}]
    for content in ({"lot": lot}, {"lots": lots}, {"lots": lots, "auction": "english"}):
        for options in ((), ("--json",)):
            done = cli("auction", written(content, "bids.json"), *options)
            assert done.exit_code == 0
            assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f]", done.stdout)


@pytest.mark.parametrize("file", ["digging.yaml", "three-tasks.yaml", "cleaning.json"])
def test_it_fits_a_terminal(cli, file):
    told = cli("auction", EXAMPLES / file, COLUMNS="80").stdout
    assert max(map(len, told.splitlines())) <= 80
