"""Keys: every key of the console, once; footer, palette, help and keymap are made of these.

A key that an operator changed is found by the id of its binding (`keymap`). The tooltip says what
it does, the description is the word in the footer.
"""

from textual.binding import Binding


def _key(
    id: str, keys: str, action: str, word: str, about: str, *, footer: bool = False, shown: str = ""
) -> Binding:
    return Binding(keys, action, word, id=id, tooltip=about, show=footer, key_display=shown or None)


VIEWS: tuple[tuple[str, str, str, str], ...] = (
    ("1", "agents", "Overview", "The agents: how each one is and what it does"),
    ("2", "runs", "Traces", "Runs, and the trace of each"),
    ("3", "messages", "Messages", "Who said what to whom"),
    ("4", "decisions", "Decisions", "Votes and auctions"),
    ("5", "plans", "Plans", "Plans and replans"),
    ("6", "lessons", "Reflections", "What was learned, and trends"),
    ("7", "lineage", "Lineage", "What was made of what"),
    ("8", "alerts", "Alerts", "What stands out, and who looks after it"),
    ("9", "audit", "Audit", "What operators did"),
    ("0", "metrics", "Metrics", "Figures over time"),
)
"""Key, name, title and purpose of each view."""

APP_KEYS = (
    *(
        _key(f"app.{name}", key, f"view('{name}')", title, about)
        for key, name, title, about in VIEWS
    ),
    _key("app.tail", "T", "view('events')", "Tail", "Every event as it comes"),
    _key("app.trends", "R", "view('trends')", "Trends", "Where the figures of runs are heading"),
    _key(
        "app.actions", "exclamation_mark", "act", "Act", "What can be done with this", footer=True
    ),
    _key(
        "app.take_back",
        "u",
        "take_back",
        "Take back",
        "Take back what you had done, while no kernel has begun it",
        footer=True,
    ),
    _key("app.help", "question_mark", "help", "Help", "The keys that work here", footer=True),
    _key("app.palette", "colon,ctrl+p", "command_palette", "Palette", "Find a command by name"),
    _key("app.goto", "ctrl+g", "goto", "Go to", "Open something by its address"),
    _key("app.attach", "ctrl+o", "attach", "Attach", "Watch another store"),
    _key("app.reconnect", "ctrl+r", "reconnect", "Reconnect", "Open the store anew"),
    _key("app.theme", "ctrl+t", "next_theme", "Theme", "Change the colours"),
    _key("app.quit", "q", "leave", "Quit", "Leave; a kernel of another process goes on"),
)

LIST_KEYS = (
    _key(
        "list.filter", "slash", "filter", "Filter", "Show only some rows, as you type", footer=True
    ),
    _key("list.view", "v", "preset(1)", "View", "Next of the filters above the list"),
    _key("list.view_back", "V", "preset(-1)", "View back", "The one before"),
    _key(
        "list.sort", "s", "sort", "Sort", "Sort by the chosen column; again turns it", footer=True
    ),
    _key("list.sort_too", "S", "sort_too", "Sort too", "Sort by it as well"),
    _key("list.error", "e", "error(1)", "Error", "Next row that failed", footer=True),
    _key("list.error_back", "E", "error(-1)", "Error back", "Row before that failed"),
    _key("list.time", "t", "time", "Time", "Show only a range of time", footer=True),
    _key("list.follow", "f", "follow", "Follow", "Go on following, or hold still"),
    _key("list.hide", "h", "hide", "Hide done", "Hide what is over"),
    _key("list.columns", "c", "columns", "Columns", "Choose the columns"),
    _key("list.mark", "space", "mark", "Mark", "Mark the row; actions take all marked"),
    _key("list.diff", "d", "diff", "Diff", "Compare with the marked row"),
    _key("list.yank", "y", "yank", "Copy", "Copy the cell in the chosen column"),
    _key("list.yank_address", "Y", "yank_address", "Copy address", "Copy the address"),
    _key("list.export", "x", "export", "Export", "Write the rows as JSON or CSV, or a picture"),
    _key("list.why", "W", "why", "Why", "The chain of causes behind it"),
    _key(
        "list.acknowledge",
        "a",
        "app.act('acknowledge')",
        "Acknowledge",
        "Say that you look after an alert",
    ),
    _key("list.back", "escape", "back", "Back", "Back to where you came from"),
)

ENTITY_KEYS = (
    _key("entity.filter", "slash", "filter", "Filter", "Show only rows with a text", footer=True),
    _key("entity.back", "escape", "back", "Back", "Back to where you came from"),
    _key("entity.error", "e", "error(1)", "Error", "Next row that failed", footer=True),
    _key("entity.error_back", "E", "error(-1)", "Error back", "Row before that failed"),
    _key("entity.why", "W", "why", "Why", "The chain of causes behind it"),
    _key("entity.yank", "y", "yank", "Copy", "Copy what the pane shows"),
    _key("entity.yank_address", "Y", "yank_address", "Copy address", "Copy the address"),
    _key("entity.export", "x", "export", "Picture", "Write a picture of this screen (SVG)"),
)

TRACE_KEYS = (
    _key(
        "trace.waterfall", "w", "waterfall", "Waterfall", "When it happened, as bars", footer=True
    ),
    _key("trace.fold", "left_square_bracket,minus", "fold", "Fold", "Hide what is below"),
    _key("trace.unfold", "right_square_bracket,plus", "unfold", "Unfold", "Show it again"),
    _key("trace.quiet", "h", "quiet", "Quiet", "Hide what is of little weight"),
    _key("trace.review", "r", "review", "Review", "Judge the cells that teach most", footer=True),
)

REVIEW_KEYS = (
    _key("review.wrong", "w", "judge(True)", "Wrong", "The cell is wrong", footer=True),
    _key("review.right", "r", "judge(False)", "Right", "The cell is right", footer=True),
    _key("review.proposal", "p", "propose", "Proposal", "It is wrong, and the proposal is right"),
    _key("review.undo", "z", "undo", "Undo", "Take the answer back, or skip the cell", footer=True),
    _key("review.keep", "K", "keep", "Keep", "Keep the answers for the next run", footer=True),
)

REPLAY_KEYS = (
    _key("replay.next", "n,full_stop", "replay(1)", "Next", "The next ballot or bid", footer=True),
    _key("replay.back", "p,comma", "replay(-1)", "Back", "One back", footer=True),
)

PLAN_KEYS = (
    _key(
        "plan.next", "v", "aspect(1)", "Aspect", "Tree, schedule, delegation, changes", footer=True
    ),
    _key("plan.back", "V", "aspect(-1)", "Aspect back", "The one before"),
)

TABLE_KEYS = (
    _key("table.down", "down,j", "move(1)", "Down", "Next row"),
    _key("table.up", "up,k", "move(-1)", "Up", "Previous row"),
    _key("table.page_down", "pagedown,ctrl+f", "page(1)", "Page down", "A screenful down"),
    _key("table.page_up", "pageup,ctrl+b", "page(-1)", "Page up", "A screenful up"),
    _key("table.first", "home,g", "move_to(0)", "First", "First row"),
    _key("table.last", "end,G", "move_to(-1)", "Last", "Last row"),
    _key("table.left", "left", "choose(-1)", "Column left", "Choose the column to the left"),
    _key("table.right", "right", "choose(1)", "Column right", "Choose the column to the right"),
    _key("table.open", "enter", "open", "Open", "Open the row", footer=True, shown="enter"),
)

GROUPS = (
    ("Everywhere", APP_KEYS),
    ("Lists", LIST_KEYS),
    ("Table", TABLE_KEYS),
    ("This screen", (*ENTITY_KEYS, *TRACE_KEYS, *REVIEW_KEYS, *REPLAY_KEYS, *PLAN_KEYS)),
)
"""Every group of keys with its title."""
