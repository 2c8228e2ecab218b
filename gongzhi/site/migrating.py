"""Migrations run on an empty database in a fraction of Django's time.

Django keeps classes of all models as they were at each step, and makes those anew that a step could touch: with three
hundred models that hang together, nearly all of them, at every new table, index and constraint. None of these three
needs it: a new class announces itself to those that it points to, as any class does, and an index or a constraint is
read from the operation. Whatever changes fields goes Django's way.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db.migrations.state import ModelState, ProjectState


def _add_model(state: ProjectState, model_state: ModelState) -> None:
    key = model_state.app_label, model_state.name_lower
    state.models[key] = model_state
    if state._relations is not None:  # type: ignore[attr-defined]
        state.resolve_model_relations(key)
    if "apps" in state.__dict__:  # asking for it would make them all
        state.apps.render_multiple([model_state])


def _append_option(state: ProjectState, app_label: str, model_name: str, option_name: str, one: Any) -> None:
    options = state.models[app_label, model_name].options
    options[option_name] = [*options[option_name], one]
    if "apps" in state.__dict__:
        meta = state.apps.get_model(app_label, model_name)._meta
        setattr(meta, option_name, [*getattr(meta, option_name), one])


@contextmanager
def brisk() -> Iterator[None]:
    kept = ProjectState.add_model, ProjectState._append_option  # type: ignore[attr-defined]
    ProjectState.add_model, ProjectState._append_option = _add_model, _append_option  # type: ignore[assignment, attr-defined]
    try:
        yield
    finally:
        ProjectState.add_model, ProjectState._append_option = kept  # type: ignore[attr-defined, method-assign]
