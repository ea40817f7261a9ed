"""Rules that compare options two at a time, and elect whoever beats all others.

They differ in what they do when nobody does. Strength is counted in margins: by how many more
ballots one option is above the other, so a ballot that puts them equal is for neither.
"""

from collections.abc import Callable, Sequence

from dataagents.plugins.voting.duels import Duels
from dataagents.plugins.voting.options import LeadOptions, threshold_of
from dataagents.plugins.voting.poll import Poll
from dataagents.plugins.voting.standing import Lead, Standing


def condorcet(poll: Poll, options: LeadOptions) -> Standing:
    """The option that beats every other one wins; without one, the smallest set that does leads.

    Condorcet, *Essai sur l'application de l'analyse* (1785); the set is that of Smith, "Aggregation
    of Preferences with Variable Electorate", Econometrica 41 (1973).
    """
    duels = Duels(poll)
    leading = _smith_set(duels)
    figures = [float(place in leading) for place in range(duels.size)]
    return _standing(poll, options, duels, figures, lambda place: _record(duels, place))


def copeland(poll: Poll, options: LeadOptions) -> Standing:
    """The option that wins the most duels wins; a tied duel counts half.

    Copeland, "A 'reasonable' social welfare function", University of Michigan (1951).
    """
    duels = Duels(poll)
    figures = [duels.wins(place) + duels.ties(place) / 2 for place in range(duels.size)]
    return _standing(poll, options, duels, figures, lambda place: _record(duels, place))


def minimax(poll: Poll, options: LeadOptions) -> Standing:
    """The option whose worst defeat is the least wins.

    Simpson, "On Defining Areas of Voter Choice", Quarterly Journal of Economics 83 (1969); Kramer,
    "A Dynamical Model of Political Equilibrium", Journal of Economic Theory 16 (1977). Margins.
    """
    duels = Duels(poll)
    worst = [
        max((duels.margin(other, place) for other in duels.rivals(place)), default=0)
        for place in range(duels.size)
    ]
    figures = [float(-max(0, defeat)) for defeat in worst]

    def says(place: int) -> str:
        return f"a worst defeat by {worst[place]} ballots" if worst[place] > 0 else "no defeat"

    return _standing(poll, options, duels, figures, says)


def schulze(poll: Poll, options: LeadOptions) -> Standing:
    """An option wins that no other one has a stronger chain of victories against.

    Schulze, "A new monotonic, clone-independent, reversal symmetric, and Condorcet-consistent
    single-winner election method", Social Choice and Welfare 36 (2011), 267-303. Margins.
    """
    duels = Duels(poll)
    paths = _strongest_paths(duels)
    unbeaten = [
        sum(paths[place][other] >= paths[other][place] for other in duels.rivals(place))
        for place in range(duels.size)
    ]

    def says(place: int) -> str:
        return f"no stronger chain from any of {duels.size - 1} rivals"

    return _standing(poll, options, duels, [float(each) for each in unbeaten], says)


def _standing(
    poll: Poll,
    options: LeadOptions,
    duels: Duels,
    figures: Sequence[float],
    says: Callable[[int], str],
) -> Standing:
    """Return how options stand of which those with the highest figure lead."""
    best = max(figures, default=0.0)
    leads: dict[str, Lead] = {}
    for place, option in enumerate(poll.options):
        if duels.cast and figures[place] == best:
            support = duels.support(place)
            hardest = f"{says(place)}, {float(support):.1%} of the votes in the hardest duel"
            leads[option] = Lead(support, hardest)
    named = dict(zip(poll.options, figures, strict=True))
    threshold = threshold_of(options)
    return Standing(leads, poll.firsts(), duels.cast, "no rival beats it", threshold, named)


def _record(duels: Duels, place: int) -> str:
    tied = duels.ties(place)
    drawn = f" and {tied} tied" if tied else ""
    return f"{duels.wins(place)} of {duels.size - 1} duels{drawn}"


def _smith_set(duels: Duels) -> set[int]:
    """Return the smallest set of options that each beat every option outside of it."""
    if not duels.size:
        return set()
    points = [2 * duels.wins(place) + duels.ties(place) for place in range(duels.size)]
    inside = {place for place, each in enumerate(points) if each == max(points)}
    while True:
        unbeaten = {
            other
            for other in range(duels.size)
            if other not in inside and any(duels.margin(place, other) <= 0 for place in inside)
        }
        if not unbeaten:
            return inside
        inside |= unbeaten


def _strongest_paths(duels: Duels) -> list[list[int]]:
    """Return for each two options how strong the weakest victory of the best chain is."""
    places = range(duels.size)
    paths = [[max(0, duels.margin(one, other)) for other in places] for one in places]
    for between in places:
        for one in places:
            through = paths[one][between]
            for other in places:
                strength = min(through, paths[between][other])
                if strength > paths[one][other]:
                    paths[one][other] = strength
    return paths
