"""What invented people have been told: every state, a finished bulk send, and one to approve."""

import json
from datetime import datetime, timedelta

from django.db import connection

from participants.models import BulkSend, NotificationTemplate
from participants.services import bulk
from seoul_health.core.audit import System

from .plans import World

LOADER = System("operations.load_demo")
WORDS = {
    "subject": "앱 점검 안내",
    "text": "오늘 밤 1시부터 3시까지 점검으로 앱 이용이 잠시 멈춥니다. "
    "걸음 기록은 점검 뒤에 반영됩니다.",
}
NEWS = {
    "subject": "가을 걷기 행사",
    "text": "이번 주 토요일 오전 10시 서울광장에서 함께 걷습니다. "
    "자세한 내용은 앱에서 확인해 주세요.",
}
# A hundredth of a person's hash decides how far the ladder was climbed, and how it ended.
NOTICES = """
INSERT INTO participants_notification (
    public_id, key, participant_id, template_id, bulk_id, "values", category, legal, ladder,
    channel, status, reason, planned_at, next_at, expires_at, sent_at, finished_at)
SELECT md5(%(key)s || participant_id)::uuid, %(key)s || participant_id, participant_id,
    %(template)s, %(bulk)s, %(values)s::jsonb, %(category)s, false, '{push,alimtalk,sms}',
    CASE WHEN chance < 70 THEN 'push' WHEN chance < 90 THEN 'alimtalk' ELSE 'sms' END,
    CASE WHEN chance = 99 THEN 'failed' WHEN chance = 98 THEN 'suppressed' ELSE 'delivered' END,
    CASE chance WHEN 99 THEN 'wrong_number' WHEN 98 THEN 'opted_out' ELSE '' END,
    %(at)s, %(at)s, NULL, CASE WHEN chance <> 98 THEN %(at)s END, %(at)s + interval '4 minutes'
FROM (
    SELECT id AS participant_id,
        ('x' || substr(md5(number || %(key)s), 1, 6))::bit(24)::int %% 100 AS chance
    FROM participants_participant ORDER BY id LIMIT %(most)s
) AS fate
"""
ATTEMPTS = """
INSERT INTO participants_deliveryattempt (
    public_id, notification_id, channel, outcome, receipt_no, reason, cost, tries, started_at,
    accepted_at, finished_at)
SELECT md5(notice.key || step.channel)::uuid, notice.id, step.channel,
    CASE WHEN step.channel <> notice.channel THEN 'failed'
        WHEN notice.status = 'sent' THEN 'accepted' ELSE notice.status END,
    'M' || notice.id || step.place,
    CASE WHEN step.channel <> notice.channel THEN step.reason ELSE notice.reason END,
    step.cost, 1, notice.planned_at, notice.planned_at, notice.finished_at
FROM participants_notification AS notice
JOIN (VALUES (1, 'push', 'no_app', 0), (2, 'alimtalk', 'blocked', 7), (3, 'sms', '', 9))
    AS step (place, channel, reason, cost)
    ON step.place <= array_position(notice.ladder, notice.channel)
WHERE notice.status IN ('delivered', 'failed', 'sent', 'unknown')
    AND notice.key LIKE %(key)s || '%%'
"""
# The newest applications, one after the other in every state a message can be in.
STATES = """
INSERT INTO participants_notification (
    public_id, key, participant_id, template_id, "values", category, legal, ladder, channel,
    status, reason, planned_at, next_at, expires_at, sent_at, finished_at)
SELECT md5('demo-state:' || application.id)::uuid, 'demo-state:' || application.id,
    application.participant_id, template.id,
    jsonb_build_object('round', round.name, 'receipt_no', application.receipt_no),
    'recruitment', false, '{push,alimtalk,sms}', state.channel, state.status, state.reason,
    %(now)s - interval '2 hours', %(now)s + interval '1 day', %(now)s + interval '3 days',
    CASE WHEN state.was_sent THEN %(now)s - interval '2 hours' END,
    CASE WHEN state.is_over THEN %(now)s - interval '1 hour' END
FROM (SELECT *, row_number() OVER (ORDER BY id DESC) AS place FROM participants_application
    WHERE submitted_at IS NOT NULL ORDER BY id DESC LIMIT 40) AS application
JOIN participants_recruitmentround AS round ON round.id = application.round_id
JOIN (VALUES
    (0, 'push', 'planned', '', false, false), (1, 'push', 'sent', '', true, false),
    (2, 'alimtalk', 'delivered', '', true, true), (3, 'sms', 'unknown', 'no_app', false, false),
    (4, 'sms', 'failed', 'blocked', true, true),
    (5, 'push', 'suppressed', 'opted_out', false, true),
    (6, 'push', 'cancelled', 'expired', false, true), (7, 'push', 'delivered', '', true, true)
) AS state (place, channel, status, reason, was_sent, is_over)
    ON state.place = application.place %% 8
CROSS JOIN LATERAL (
    SELECT id FROM participants_notificationtemplate
    WHERE code = 'application_received' AND version = 1) AS template
"""
MOST = 50_000


def load_messages(world: World) -> int:
    """Write what people were told; give how many messages."""
    finished = finish_one(world)
    ask_for_one()
    with connection.cursor() as cursor:
        cursor.execute(STATES, {"now": world.now})
        states = int(cursor.rowcount)
        cursor.execute(ATTEMPTS, {"key": "demo-state:"})
    return finished + states


def finish_one(world: World) -> int:
    template = NotificationTemplate.objects.get(code="service_notice", version=1)
    at = world.now - timedelta(days=3)
    send = BulkSend.objects.create(
        name="앱 정기 점검 안내",
        template=template,
        audience={"of": "everybody"},
        values=WORDS,
        status=BulkSend.Status.DONE,
        created_by="staff:recruit",
        requested_by="staff:recruit",
        requested_at=at - timedelta(hours=2),
        approved_by="staff:supervisor",
        approved_at=at - timedelta(hours=1),
        started_at=at,
        finished_at=at + timedelta(hours=1),
    )
    key = f"service_notice:bulk:{send.pk}:"
    terms: dict[str, str | int | datetime] = {
        "most": min(world.size, MOST),
        "key": key,
        "template": template.pk,
        "bulk": send.pk,
        "values": json.dumps(WORDS, ensure_ascii=False),
        "category": template.category,
        "at": at,
    }
    with connection.cursor() as cursor:
        cursor.execute(NOTICES, terms)
        people = int(cursor.rowcount)
        cursor.execute(ATTEMPTS, terms)
    BulkSend.objects.filter(pk=send.pk).update(people=people, list_hash=bulk.bound(send, key))
    return people


def ask_for_one() -> None:
    """Leave a bulk send waiting for its second person."""
    template = NotificationTemplate.objects.get(code="announcement", version=1)
    send = BulkSend(
        name="가을 걷기 행사 안내",
        template=template,
        audience={"of": "taking_part"},
        values=NEWS,
    )
    bulk.draft(send, by=LOADER)
    if bulk.count_and_hash(send)[0]:
        bulk.request(send, by=LOADER)
