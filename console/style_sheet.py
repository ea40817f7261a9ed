"""The style sheet of the console: parsed once for each theme."""

from textual.css.stylesheet import Stylesheet


class SteadySheet(Stylesheet):
    """A style sheet that is parsed anew only when its variables change.

    Textual parses the whole of it twice whenever a view is opened for the first time, since such a
    screen has not heard of the theme that was chosen before. It takes some 10 ms each.
    """

    def __init__(self, *, variables: dict[str, str] | None = None) -> None:
        super().__init__(variables=variables)
        self._outdated = True

    def set_variables(self, variables: dict[str, str]) -> None:
        """Take variables, such as the colours of a theme."""
        if variables != self._variables:
            super().set_variables(variables)
            self._outdated = True

    def reparse(self) -> None:
        """Parse everything with the variables as they are now, unless that was done.

        Raises:
            StylesheetParseError: It is no CSS.
        """
        if self._outdated:
            super().reparse()
            self._outdated = False
