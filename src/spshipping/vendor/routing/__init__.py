"""Routing requests: ask Amazon to pick goods up, know how far a request is, and save its labels."""

from spshipping.vendor.routing.builder import Pickup, RoutingBuilder, RoutingRequest
from spshipping.vendor.routing.labels import (
    CarrierWithoutLabel,
    LabelOutcome,
    LabelsPending,
    LabelsSaved,
    NoLabelsByTruck,
    SavedLabel,
    UnknownPickup,
)
from spshipping.vendor.routing.state import PickupState

__all__ = [
    "RoutingBuilder",
    "Pickup",
    "RoutingRequest",
    "PickupState",
    # labels
    "LabelOutcome",
    "LabelsSaved",
    "SavedLabel",
    "LabelsPending",
    "CarrierWithoutLabel",
    "NoLabelsByTruck",
    "UnknownPickup",
]
