"""Template filters for numbers, which are available in every template without loading them."""

from __future__ import annotations

from django import template

from studies.formats.numbers import decimal

register = template.Library()
register.filter("decimal", decimal)
