"""The form that mends what the server refused: a field for each value that the change set."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pwa.py.domain import leaves
from pwa.py.ui import change_fields, elements
from pwa.py.ui.form import Form
from pwa.py.ui.words import say

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from typing import Any

    from pwa.py.ui.dom import Element


class MendForm:
    def __init__(
        self, refused: dict[str, Any], save: Callable[[dict[str, Any]], Awaitable[list[Any]]]
    ) -> None:
        """`save` is given the fields as they are now, and answers what is wrong with them."""
        self._set = refused["set"]
        self._first, self._others = change_fields.to_mend(
            refused["resource"], self._set, refused["issues"]
        )
        self._all = self._first + self._others
        self._save = save
        self._form = Form(elements.submit(say("refused.save")), self._submit)

    def fill(self, cancel: Element) -> Element:
        folded = None
        if self._others:
            inner = [leaf.field.element for leaf in self._others]
            folded = elements.fold(say("refused.others"), inner)
        return self._form.fill([[leaf.field.element for leaf in self._first], folded], cancel)

    def focus(self) -> None:
        if self._first:
            self._first[0].field.focus()

    def keep(self) -> dict[str, Any]:
        """For the draft."""
        return {leaf.field.name: leaf.field.read() for leaf in self._all}

    def restore(self, kept: dict[str, Any]) -> None:
        for leaf in self._all:
            if leaf.field.name in kept:
                leaf.field.write(kept[leaf.field.name])

    async def _submit(self) -> None:
        self._form.fail("")
        fields = self._read()
        if fields is not None:
            self._form.fail(self._show_issues(await self._save(fields)))

    def _read(self) -> dict[str, Any] | None:
        """The fields as they are now; None, and the focus on the first that cannot be read."""
        fields = self._set
        for leaf in self._all:
            leaf.field.clear()
            try:
                fields = leaves.with_leaf(fields, leaf.path, leaf.read())
            except ValueError:
                leaf.field.fail(say("issue.invalid"))
                leaf.field.focus()
                return None
        return fields

    def _show_issues(self, issues: list[Any]) -> str:
        """Puts each issue at the fields it names; the words of those that name none."""
        elsewhere: list[str] = []
        for issue in issues:
            at = [leaf for leaf in self._all if leaf.expression in issue["expression"]]
            for leaf in at:
                leaf.fail(issue)
            if at:
                at[0].field.focus()
            else:
                elsewhere.append(issue["diagnostics"])
        return " · ".join(elsewhere)
