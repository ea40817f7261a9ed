"""Duels: for each two options, how many ballots put the one above the other."""

from fractions import Fraction

from dataagents.plugins.voting.poll import Poll


class Duels:
    """The pairwise matrix of a poll; options go by their position."""

    def __init__(self, poll: Poll) -> None:
        orders = poll.orders()
        self.size = len(poll.options)
        self.cast = orders.total()
        self._above = [[0] * self.size for _ in range(self.size)]
        for order, times in orders.items():
            below = list(range(self.size))
            for group in order:
                for place in group:
                    below.remove(place)
                for place in group:
                    row = self._above[place]
                    for other in below:
                        row[other] += times

    def margin(self, one: int, other: int) -> int:
        """Return by how many ballots one is above the other; negative when it loses."""
        return self._above[one][other] - self._above[other][one]

    def rivals(self, one: int) -> tuple[int, ...]:
        """Return all other options."""
        return tuple(other for other in range(self.size) if other != one)

    def wins(self, one: int) -> int:
        """Return how many duels an option wins."""
        return sum(self.margin(one, other) > 0 for other in self.rivals(one))

    def ties(self, one: int) -> int:
        """Return how many duels of an option end in a tie."""
        return sum(self.margin(one, other) == 0 for other in self.rivals(one))

    def support(self, one: int) -> Fraction:
        """Return the part of the ballots that are for an option in its hardest duel."""
        votes = [self._above[one][other] for other in self.rivals(one)]
        return Fraction(min(votes, default=self.cast), self.cast)
