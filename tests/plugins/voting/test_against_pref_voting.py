"""Our ranked rules name the same winners as `pref_voting`, on small electorates full of ties."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from random import Random

import pytest
from polls import ranked, tally
from volume import amount

from dataagents.core.voting import Ballot, Ranking

OPTIONS = "abcde"
PROFILES = amount(500)

Winners = Callable[[Counter[tuple[tuple[int, ...], ...]], int], Sequence[int]]


@pytest.fixture(scope="module")
def interpreted() -> Iterator[None]:
    """Have numba compile nothing: it would take longer than our small profiles do."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NUMBA_DISABLE_JIT", "1")
        yield


@pytest.fixture(scope="module")
def oracle(interpreted: None) -> dict[str, Winners]:
    """Name of a rule, or of a rule and its convention → what the library says."""
    # Here, not above: it takes seconds to import, and only these tests need it.
    from pref_voting import c1_methods, iterative_methods, margin_based_methods, scoring_methods
    from pref_voting.profiles_with_ties import ProfileWithTies

    def on(method: Callable[..., object], **settings: object) -> Winners:
        def winners(orders: Counter[tuple[tuple[int, ...], ...]], size: int) -> Sequence[int]:
            rankings = [
                {place: rank for rank, group in enumerate(order, 1) for place in group}
                for order in orders
            ]
            profile = ProfileWithTies(
                rankings, rcounts=list(orders.values()), candidates=list(range(size))
            )
            return method(profile, **settings)  # type: ignore[return-value]

        return winners

    return {
        "borda": on(scoring_methods.borda_for_profile_with_ties),
        "copeland": on(c1_methods.copeland),
        "minimax": on(margin_based_methods.minimax),
        "schulze": on(margin_based_methods.beat_path),
        "condorcet": on(c1_methods.top_cycle),
        "instant-runoff parallel": on(iterative_methods.split_irv_put),
        "instant-runoff simultaneous": on(iterative_methods.split_irv),
    }


@pytest.fixture(scope="module")
def linear_oracle(interpreted: None) -> dict[str, Winners]:
    """The same on profiles of linear orders, by the library's own methods for those."""
    from pref_voting import c1_methods, iterative_methods, margin_based_methods, scoring_methods
    from pref_voting.profiles import Profile

    def on(method: Callable[..., object]) -> Winners:
        def winners(orders: Counter[tuple[tuple[int, ...], ...]], size: int) -> Sequence[int]:
            profile = Profile(
                [[place for (place,) in order] for order in orders], list(orders.values())
            )
            return method(profile)  # type: ignore[return-value]

        return winners

    return {
        "borda": on(scoring_methods.borda),
        "plurality": on(scoring_methods.plurality),
        "copeland": on(c1_methods.copeland),
        "minimax": on(margin_based_methods.minimax),
        "schulze": on(margin_based_methods.beat_path),
        "condorcet": on(c1_methods.top_cycle),
        "instant-runoff parallel": on(iterative_methods.instant_runoff_put),
        "instant-runoff simultaneous": on(iterative_methods.instant_runoff),
    }


def linear(rng: Random, size: int) -> Ranking:
    return tuple(rng.sample(OPTIONS[:size], size))


def weak(rng: Random, size: int) -> Ranking:
    """An order with equals, of which the last may be left out."""
    order: list[list[str]] = []
    for option in rng.sample(OPTIONS[:size], size):
        if order and rng.random() < 0.3:
            order[-1].append(option)
        else:
            order.append([option])
    if len(order) > 1 and rng.random() < 0.4:
        order.pop()
    return tuple(group[0] if len(group) == 1 else tuple(group) for group in order)


def profiles(kind: Callable[[Random, int], Ranking]) -> Iterator[tuple[int, tuple[Ballot, ...]]]:
    rng = Random(5)
    for _ in range(PROFILES):
        size, voters = rng.randint(2, 5), rng.randint(1, 9)
        yield size, ranked([kind(rng, size) for _ in range(voters)])


def orders(size: int, ballots: Sequence[Ballot]) -> Counter[tuple[tuple[int, ...], ...]]:
    """The profile as the library takes it: written down here, not taken from our own reading."""
    found: Counter[tuple[tuple[int, ...], ...]] = Counter()
    for each in ballots:
        groups = [tuple(sorted(OPTIONS.index(option) for option in rank)) for rank in each.ranking]
        rest = tuple(n for n in range(size) if all(n not in group for group in groups))
        found[(*groups, rest) if rest else tuple(groups)] += 1
    return found


def check(
    name: str, winners: Winners, kind: Callable[[Random, int], Ranking], **options: str
) -> None:
    tied = 0
    for size, ballots in profiles(kind):
        ours = tally(name, ballots, OPTIONS[:size], **options).leaders
        theirs = "".join(OPTIONS[place] for place in sorted(winners(orders(size, ballots), size)))
        assert "".join(ours) == theirs, [each.ranking for each in ballots]
        tied += len(ours) > 1
    assert tied > PROFILES / 50, "too few profiles had several winners to say anything about ties"


@pytest.mark.parametrize("name", ["borda", "condorcet", "copeland", "minimax", "schulze"])
def test_a_rule_agrees_on_orders_with_ties(oracle: dict[str, Winners], name: str):
    check(name, oracle[name], weak)


@pytest.mark.parametrize("ties", ["parallel", "simultaneous"])
def test_instant_runoff_agrees_on_orders_with_ties(oracle: dict[str, Winners], ties: str):
    check("instant-runoff", oracle[f"instant-runoff {ties}"], weak, ties=ties)


@pytest.mark.parametrize(
    "name", ["plurality", "borda", "condorcet", "copeland", "minimax", "schulze"]
)
def test_a_rule_agrees_on_linear_orders(linear_oracle: dict[str, Winners], name: str):
    check(name, linear_oracle[name], linear)


@pytest.mark.parametrize("ties", ["parallel", "simultaneous"])
def test_instant_runoff_agrees_on_linear_orders(linear_oracle: dict[str, Winners], ties: str):
    check("instant-runoff", linear_oracle[f"instant-runoff {ties}"], linear, ties=ties)
