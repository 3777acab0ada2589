"""Rules for who may see and manage models.

People with Django's permission to change registered models, which superusers have, add models and
activate one for all studies. Coordinators of a whole study select the model of their study.
"""

from __future__ import annotations

from uuid import UUID

from studies.errors import NotAllowed, NotFound
from studies.readers.models import User
from studies.registry.models import RegisteredModel
from studies.registry.querysets import RegisteredModelQuerySet

MODELS_PER_PAGE = 20
MANAGE = "registry.change_registeredmodel"


def manages_models(user: User) -> bool:
    """Return whether a person may add models and activate one for all studies."""
    # The administration's own condition first: for most people it saves two queries.
    return user.is_staff and user.has_perm(MANAGE)


def visible_models(user: User) -> RegisteredModelQuerySet:
    """Return the models that a person may see; raises NotFound for people who see none.

    People who coordinate no study get the same response as for an unknown address.
    """
    manages = manages_models(user)
    coordinates = user.memberships.filter(role="coordinator", active=True).exists()
    if not manages and not coordinates:
        raise NotFound
    models: RegisteredModelQuerySet = RegisteredModel.objects.seen_by(user, manages=manages)
    return models


def get_visible_model(user: User, pk: UUID) -> RegisteredModel:
    """Return a model that the person may see; raises NotFound."""
    model: RegisteredModel | None = visible_models(user).filter(pk=pk).first()
    if model is None:
        raise NotFound
    return model


def require_model_manager(user: User) -> None:
    """Raise NotAllowed for people who see models but do not manage them, NotFound for others."""
    if manages_models(user):
        return
    visible_models(user)
    raise NotAllowed("Only administrators can add and activate models.")
