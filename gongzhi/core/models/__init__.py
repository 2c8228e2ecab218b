"""The core's rows."""

from gongzhi.core.models.bases import PlaceBound, PlaceQuerySet
from gongzhi.core.models.doors import SecondFactor
from gongzhi.core.models.events import Event
from gongzhi.core.models.messages import FormKey, OutboxMessage
from gongzhi.core.models.papers import Document, DocumentRecipient, NumberSeries, StoredFile
from gongzhi.core.models.people import PersonalData, Post, User
from gongzhi.core.models.places import Organisation, Place
from gongzhi.core.models.policies import CalendarYear, PackAttachment, PolicyStamp, SwitchValue
from gongzhi.core.models.tokens import ApiReply, ApiToken, Webhook, WebhookDelivery

__all__ = [
    "ApiReply",
    "ApiToken",
    "CalendarYear",
    "Document",
    "DocumentRecipient",
    "Event",
    "FormKey",
    "NumberSeries",
    "Organisation",
    "OutboxMessage",
    "PackAttachment",
    "PersonalData",
    "Place",
    "PlaceBound",
    "PlaceQuerySet",
    "PolicyStamp",
    "Post",
    "SecondFactor",
    "StoredFile",
    "SwitchValue",
    "User",
    "Webhook",
    "WebhookDelivery",
]
