"""Counters and lockers where recipients collect parcels."""

from spshipping.shipping.models.collection import DateRange
from spshipping.shipping.models.parties import Address
from spshipping.wire.enums import OpenEnum
from spshipping.wire.model import Model, camel


class AccessPointType(OpenEnum):
    """The kind of an access point."""

    HELIX = "HELIX"
    """A counter in a shop, with staff."""
    CAMPUS_LOCKER = "CAMPUS_LOCKER"
    OMNI_LOCKER = "OMNI_LOCKER"
    ODIN_LOCKER = "ODIN_LOCKER"
    """Opened by Bluetooth; it has no screen."""
    DOBBY_LOCKER = "DOBBY_LOCKER"
    """In an apartment building, for residents only."""
    CORE_LOCKER = "CORE_LOCKER"
    THIRD_PARTY = "3P"
    """Of another carrier."""
    CAMPUS_ROOM = "CAMPUS_ROOM"


class AssistanceType(OpenEnum):
    """Whether staff hands parcels over."""

    STAFF_ASSISTED = "STAFF_ASSISTED"
    SELF_ASSISTED = "SELF_ASSISTED"


@camel
class AccessibilityAttributes(Model):
    """How far an access point is from the middle of the postal code."""

    distance: str | None = None
    """A number as text; Amazon does not say in which unit."""
    drive_time: int | None = None


@camel
class TimeOfDay(Model):
    """A time of the day, where the access point is."""

    hour_of_day: int | None = None
    minute_of_hour: int | None = None
    second_of_minute: int | None = None


@camel
class OperatingHours(Model):
    """When an access point opens and closes."""

    closing_time: TimeOfDay | None = None
    opening_time: TimeOfDay | None = None
    mid_day_closures: list[TimeOfDay] | None = None


@camel
class ExceptionOperatingHours(Model):
    """Other hours than usual, for some days."""

    date_range: DateRange | None = None
    operating_hours: OperatingHours | None = None


@camel
class AccessPoint(Model):
    """A counter or locker; its id goes into a request as `AccessPointDetails`."""

    access_point_id: str | None = None
    name: str | None = None
    """Of the shop or place where it is."""
    timezone: str | None = None
    type: AccessPointType | None = None
    accessibility_attributes: AccessibilityAttributes | None = None
    address: Address | None = None
    exception_operating_hours: list[ExceptionOperatingHours] | None = None
    assistance_type: AssistanceType | None = None
    score: str | None = None
    """A number as text, to sort by."""
    standard_operating_hours: dict[str, OperatingHours] | None = None
    """By day of the week."""


@camel
class GetAccessPointsResult(Model):
    """The access points near a postal code."""

    access_points_map: dict[str, list[AccessPoint]]
    """By `AccessPointType`; at most 40 of each, the nearest first."""
