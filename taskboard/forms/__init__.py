"""WHAT MAY BE TYPED: one file per noun. Forms check form; models check fact."""

from __future__ import annotations

from flask_wtf import FlaskForm


class Form(FlaskForm):
    """The base of all forms: messages in Chinese, text without edges."""

    class Meta:
        locales = ["zh"]

        def bind_field(self, form, unbound, options):  # type: ignore[no-untyped-def]
            options.setdefault("filters", [_clean])
            return unbound.bind(form=form, **options)


def _clean(value: object) -> object:
    """Strip the edges and the control characters that a database or a workbook refuses."""
    if not isinstance(value, str):
        return value
    return "".join(c for c in value.replace("\r\n", "\n") if c >= " " or c in "\n\t").strip()
