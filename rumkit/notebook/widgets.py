"""The chooser: what to look at, by hand, where the front end shows widgets.

Its results are displays that the notebook holds, so that nothing is lost where widgets are not.
"""

from __future__ import annotations

import atexit
import shutil
import uuid
from typing import TYPE_CHECKING, Any

from rumkit.inputs import of_notebooks
from rumkit.model import RumkitError
from rumkit.notebook import look
from rumkit.notebook.controls import Fold, HopButtons, Line, styled
from rumkit.notebook.fields import in_fields
from rumkit.notebook.watcher import Watcher
from rumkit.show import html, progress, tables, text, views, words
from rumkit.show.template import fill
from rumkit.temporary import own_folder

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from rumkit.inputs import Input
    from rumkit.model import Finding, Hop
    from rumkit.notebook.choice import Choice

_MAX_UPLOAD = 200_000_000
_MOST_LINES = 40
_WATCH_HINT = (
    "After a fix: ask again each minute what was broken, for half an hour or until it is healthy"
)
_ENDINGS = (".har.gz", ".zip", ".json")
_RECORD_HINT = (
    "Visit the page in a browser of this machine and look at that recording too. As any visit, it"
    " sends real events, unless they are held back"
)


def chooser(choice: Choice) -> dict[str, Any]:
    """Return the widget's MIME bundle; the same widget each time that a choice is shown."""
    if not isinstance(choice.widget, Chooser):
        choice.widget = Chooser(choice)
    bundle: dict[str, Any] = choice.widget.box._repr_mimebundle_()
    return {name: value for name, value in bundle.items() if "widget-view" in name}


class Chooser:
    """One line that says what is looked at and unfolds to a field for every input.

    Beside it a button that investigates, and below it one for each hop. It also holds what must
    not be stored in the notebook: which look is the present one, and the library of tables.
    """

    def __init__(self, choice: Choice) -> None:
        import ipywidgets as widgets

        self.choice = choice
        self.fields: dict[str, Any] = {
            each.name: _field(each, choice.settings[each.name]) for each in of_notebooks()
        }
        self.upload = widgets.FileUpload(
            accept=".har,.zip,.json",
            description="Upload a recording",
            layout=widgets.Layout(width="auto"),
        )
        self.record = _button("Record", _RECORD_HINT, "video-camera")
        self.dry = widgets.Checkbox(
            value=False, description="hold events back", indent=False,
            layout=widgets.Layout(width="auto"),
        )  # fmt: skip
        self.find = _button("List monitors", "Find the app monitors of this account", "search")
        self.go = _button("Investigate", "Look now and refresh every view", "play", "primary")
        self.eye = _button("Watch", _WATCH_HINT, "eye")
        self.lines = widgets.HTML()
        self._watched: list[str] = []
        self.watcher: Watcher | None = None
        self.bar = widgets.IntProgress(
            min=0, max=progress.checks(), layout=widgets.Layout(width="12em")
        )
        self.state = Line("Nothing looked at yet.")
        self.error = widgets.HTML()
        self.here = widgets.HTML()
        self.answer = widgets.HTML()
        self.hops = HopButtons(self._hop_names(), self._choose_hop)
        self.present = widgets.HTML()
        self.library = _table_library()
        self._ident = f"rumkit-{uuid.uuid4().hex[:8]}"
        self.fold = Fold(self._inputs())
        self.box = widgets.VBox(
            [
                self.fold.widget,
                widgets.HBox([self.go, self.eye, self.bar, self.state.widget], layout=_wrapping()),
                self.error,
                self.answer,
                self.lines,
                self.hops.widget,
                self.here,
                self.present,
                self.library,
            ]
        )
        styled(self.box)
        self._connect()
        self.show_forgotten()

    def investigate(self) -> None:
        """Take the fields' values over, look, and tell how it went.

        The button stays enabled, or the keyboard's focus would be lost; a press meanwhile waits.
        """
        self.bar.value = 0
        self.say_error("")
        self._leave_watch()
        try:
            self._take_over()
            self.choice.investigate()
            self.answer.value = str(html.delivery_path(self.choice.investigation, drawn=True))
        except RumkitError as error:
            self.say_error(str(error))

    def say_error(self, message: str) -> None:
        """Show an error in a box of its own, in the words of the fields; nothing hides the box."""
        self.error.value = ""
        if message:
            self.error.value = str(fill("error.html", label="Error", message=in_fields(message)))
            self.bar.value = 0
            self.state.value = "Not looked at: see the box below."

    def list_monitors(self) -> None:
        """Fill the monitor's list from the account."""
        self.say_error("")
        try:
            self._take_over()
            names = self.choice.monitors()
        except RumkitError as error:
            self.say_error(str(error))
            return
        self.fields["monitor"].options = names
        self.state.value = f"{len(names)} app monitors: type a part of the name to search."

    def show_finding(self, finding: Finding) -> None:
        """Show a finding as it arrives."""
        self.bar.value = min(self.bar.value + 1, self.bar.max)
        self.state.value = text.finding_line(finding)

    def show_result(self) -> None:
        """Say the verdict, and name the hops with their present states, the chosen one kept."""
        self._leave_watch()
        # What is old is marked before anything new is said.
        self._say_present()
        self.bar.value = self.bar.max
        self.state.value = text.headline(self.choice.investigation)
        self.hops.name(self._hop_names())
        self.show_hop(self.hops.value)

    def show_hop(self, hop: Hop | None) -> None:
        """Show the findings of a hop where its button stands, whatever the notebook shows below."""
        investigation = self.choice.latest
        self.here.value = str(html.findings(investigation, hop)) if investigation and hop else ""

    def _say_changed(self) -> None:
        if self.choice.latest:
            self.state.value = "The fields have changed: Investigate looks again."

    def _choose_hop(self, hop: Hop | None) -> None:
        self.say_error("")
        try:
            if hop and not self.choice.latest:
                self._take_over()
                self.choice.investigate()
        except RumkitError as error:
            self.say_error(str(error))
            return
        self.choice.only(hop)
        self.show_hop(hop)

    def show_forgotten(self) -> None:
        """Say that nothing was looked at, so that whatever is displayed is of an earlier look."""
        self.state.value = "Nothing looked at yet."
        self.answer.value = ""
        self.hops.name(self._hop_names())
        self.show_hop(None)
        self._say_present()

    def _say_present(self) -> None:
        self.present.value = str(look.present(self._ident, self.choice.look))
        chosen = " · ".join(f"{name} {value}" for name, value in self.choice.described())
        self.fold.say(f"Looking at {chosen}")

    def _take_over(self) -> None:
        """Make the fields' values the choice."""
        self.choice.change(**{name: field.value for name, field in self.fields.items()})

    def record_visit(self) -> None:
        """Visit the page in a browser of this machine, then look at that recording too."""
        from rumkit.notebook.visiting import record_page

        self.record.disabled = True
        self.bar.value = 0
        self.say_error("")
        try:
            self._take_over()
            file = record_page(
                self.choice.page(), _kept_folder(), self._say_step, dry=self.dry.value
            )
            self.fields["recording"].value = str(file)
        except RumkitError as error:
            self.say_error(str(error))
            return
        finally:
            self.record.disabled = False
        self.investigate()

    def watch(self) -> None:
        """Watch what is chosen, or end the watch that runs."""
        if self.watcher:
            self.watcher.stop()
            return
        self.say_error("")
        try:
            self._take_over()
            # What the watch says is newer than what is displayed.
            self.choice.forget()
            self.choice.enter()
        except RumkitError as error:
            self.say_error(str(error))
            return
        self._clear_lines()
        self.state.value = "Watching: changes appear below."
        self.eye.description, self.eye.icon = "Stop watching", "stop"
        self.watcher = watcher = Watcher(
            self.choice.watch,
            lambda line: self._watch_says(watcher, line),
            lambda: self._watch_ends(watcher),
        )
        watcher.start()

    def _watch_says(self, watcher: Watcher, line: str) -> None:
        if watcher is self.watcher:
            self._watched = [*self._watched, line][-_MOST_LINES:]
            self.lines.value = str(fill("lines.html", lines=self._watched))

    def _clear_lines(self) -> None:
        self._watched = []
        self.lines.value = ""

    def _watch_ends(self, watcher: Watcher) -> None:
        if watcher is self.watcher:
            self.watcher = None
            self.eye.description, self.eye.icon = "Watch", "eye"
            self.state.value = "The watch has ended: Investigate looks at everything again."

    def _leave_watch(self) -> None:
        """End a watch and take its lines away, which would contradict the look that comes."""
        watcher, self.watcher = self.watcher, None
        if watcher:
            watcher.stop()
        self._clear_lines()
        self.eye.description, self.eye.icon = "Watch", "eye"

    def _say_step(self, line: str) -> None:
        self.bar.value = min(self.bar.value + 1, self.bar.max)
        self.state.value = line

    def take_upload(self) -> None:
        """Keep the uploaded recording in a file of this session and choose it."""
        for item in self.upload.value[:1]:
            if item["size"] > _MAX_UPLOAD:
                self.say_error("The recording is larger than 200 MB: give its path instead.")
                return
            name = str(item.get("name", "")).lower()
            ending = next((e for e in _ENDINGS if name.endswith(e)), ".har")
            file = _kept_folder() / f"recording{ending}"
            file.write_bytes(bytes(item["content"]))
            self.fields["recording"].value = str(file)

    def _hop_names(self) -> Mapping[Hop, str]:
        investigation = self.choice.latest
        return views.hops(investigation) if investigation else words.HOP_NAMES

    def _inputs(self) -> Any:
        """Return the fields and what fills them, which stand behind the one line."""
        import ipywidgets as widgets

        grid = widgets.GridBox(
            list(self.fields.values()),
            layout=widgets.Layout(
                grid_template_columns="repeat(auto-fill, minmax(min(100%, 32em), 1fr))",
                width="100%",
            ),
        )
        actions = [self.find, self.upload, self.record, self.dry]
        return widgets.VBox([grid, widgets.HBox(actions, layout=_wrapping())])

    def _connect(self) -> None:
        self.go.on_click(lambda _: self.investigate())
        self.eye.on_click(lambda _: self.watch())
        self.find.on_click(lambda _: self.list_monitors())
        self.record.on_click(lambda _: self.record_visit())
        self.upload.observe(lambda _: self.take_upload(), names="value")
        for field in self.fields.values():
            field.observe(lambda _: self._say_changed(), names="value")
        self.choice.on_finding = self.show_finding
        self.choice.on_result = self.show_result


def _kept_folder() -> Path:
    """Return a folder that goes with this session: a recording can hold credentials."""
    folder = own_folder("rumkit-recording-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def _field(each: Input, value: str) -> Any:
    """Return the field of an input: with suggestions where there are any."""
    import ipywidgets as widgets

    options = each.options or _known(each.name)
    common = {
        "value": value,
        "placeholder": each.hint,
        "description": each.label,
        "tooltip": each.help,
        "continuous_update": False,
        "style": {"description_width": "9em"},
        "layout": widgets.Layout(width="auto"),
    }
    if options is None:
        return widgets.Text(**common)
    return widgets.Combobox(options=options, **common)


def _wrapping() -> Any:
    import ipywidgets as widgets

    return widgets.Layout(flex_flow="row wrap", align_items="center")


def _table_library() -> Any:
    """Return a widget that brings the library of tables along, about 1 MB, and shows nothing.

    A widget's content is not stored in the notebook. Nothing is ever captured by this one, so that
    it sends no message of its own.
    """
    import ipywidgets as widgets

    data = {"text/html": tables.library(), "text/plain": ""}
    made = {"output_type": "display_data", "data": data, "metadata": {}}
    return widgets.Output(outputs=(made,), layout=widgets.Layout(height="0", overflow="hidden"))


def _button(name: str, hint: str, icon: str, style: str = "") -> Any:
    import ipywidgets as widgets

    return widgets.Button(description=name, tooltip=hint, icon=icon, button_style=style)


def _known(name: str) -> tuple[str, ...] | None:
    """Return what this machine knows without a call to AWS; None where it is any text."""
    from botocore.session import Session

    from rumkit import practice

    if name == "monitor":
        return ()
    if name == "profile":
        return tuple(Session().available_profiles)
    if name == "region":
        return tuple(sorted(Session().get_available_regions("rum")))
    if name == "sandbox":
        try:
            return practice.scenarios()
        except RumkitError:
            return ()
    return None
