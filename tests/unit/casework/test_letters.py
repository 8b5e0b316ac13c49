"""What a letter says, and what it never does: no name, no phone, no address, no headline leaves the house."""

import uuid

import pytest
from django.urls import reverse
from django.utils import timezone

from casework.channels.markdown import markdown
from casework.channels.sms import SmsGateway
from casework.channels.sms import compose as sms_text
from casework.choices import Channel, Mode, PersonKind, Topic
from casework.letters import compose, seen_cases, write_letter
from casework.models import Case, CasePerson, Message, MessageLine, Preference, Reminder, Robot
from casework.outbox import plan_messages, send_due
from casework.planning import OUTWARD
from casework.reminders import deliver_all
from casework.services import add_note
from requests_.models import Category, Ticket
from tests.factories.calendar import at
from tests.factories.grids import BuildingFactory, CompoundFactory, EntranceFactory
from tests.factories.requests import accept, dispatch, report, take

pytestmark = pytest.mark.django_db
NOW = at("2023-02-21 10:00")
# Everything of the ticket below that must stay in the house.
PRIVATE = (
    *("张桂兰", "张", "0931", "7654", "三单元二楼", "踏步破损", "老人"),
    *("甘南路院", "甘南路154号", "5号楼", "马微", "王工", "李长", "赵专干"),
)


class KeptSms(SmsGateway):
    """A carrier that keeps what it was given."""

    taken: list[tuple[str, str]] = []

    def send(self, *, phone, text):
        self.taken.append((phone, text))


@pytest.fixture
def ticket(micro_grid_worker, tree):
    compound = CompoundFactory(name="甘南路院", address_text="甘南路154号", micro_grid=tree["00500101"])
    entrance = EntranceFactory(building=BuildingFactory(compound=compound, no="5"), no="3")
    return report(
        micro_grid_worker,
        tree["00500101"],
        compound=compound,
        building=entrance.building,
        entrance=entrance,
        place_text="三单元二楼",
        caller_name="张桂兰",
        caller_phone="09317654321",
    )


@pytest.fixture
def robot(tree):
    return Robot.objects.create(
        name="社区群", channel=Channel.WECOM, area=tree["005"], url="https://qyapi.weixin.qq.com/x?key=1"
    )


def written(rule, case, *, to=None, robot=None, **facts):
    """A message with one line, to somebody who can be reached."""
    if to:
        to.email = f"{to.username}@example.org"
        to.save()
    message = Message.objects.create(
        dedupe_key=f"{rule}:{Message.objects.count()}",
        channel=robot.channel if robot else Channel.EMAIL,
        recipient=to,
        robot=robot,
        planned_at=NOW,
        send_after=NOW,
    )
    facts = {"number": case.number, "title": case.title, "handler": "王工", "who": "马微", **facts}
    MessageLine.objects.create(message=message, case_id=case.pk, rule=rule, facts=facts)
    return message


def letter_of(message):
    """The letter about every line of the message whose case its reader sees, whether it still holds or not."""
    lines = list(message.lines.order_by("pk"))
    return write_letter(message, lines, seen_cases(message, lines))


def text_of(letter):
    return "\n".join(
        (letter.headline, *(line.text for line in letter.lines), *(line.url for line in letter.lines))
    )


FACTS = {
    "year": 2024,
    "days": 3,
    "step": "handle",
    "sheet": "D-1",
    "name": "城管执法中队",
    "review_on": "2023-03-01",
}


@pytest.mark.parametrize("rule", sorted(OUTWARD))
def test_no_rule_says_anything_private(rule, ticket, officer):
    text = text_of(letter_of(written(rule, ticket, to=officer, **FACTS)))
    assert ticket.number in text
    assert [word for word in PRIVATE if word in text] == []
    assert "城管执法中队" not in text


def test_nothing_private_leaves_in_the_whole_life_of_a_ticket(
    ticket, officer, grid_leader, grid_worker, secretary, micro_grid_worker
):
    """Every reminder that its steps cause, to everybody it reaches, by e-mail."""
    for person in (officer, grid_leader, grid_worker, secretary, micro_grid_worker):
        type(person).objects.filter(pk=person.pk).update(email=f"{person.username}@example.org")
        CasePerson.objects.create(case_id=ticket.pk, user=person, kind=PersonKind.WATCHER)
        Preference.objects.create(user=person, topic=Topic.TURN, channel=Channel.EMAIL, mode=Mode.AT_ONCE)
    accept(ticket, officer)
    dispatch(ticket, officer, grid_worker)
    take(ticket, "sign", grid_worker)
    add_note(number=ticket.number, actor=grid_worker, text="张桂兰家没人", key=uuid.uuid4(), photos=[])
    take(ticket, "request_extension", grid_worker, workdays=2, reason="等材料，老人住院")
    deliver_all(now=timezone.now())
    letters = [letter_of(message) for message in Message.objects.all()]
    assert len(letters) > 10
    text = "\n".join(map(text_of, letters))
    assert [word for word in PRIVATE if word in text] == []


def test_a_line_says_number_category_grid_and_matter_and_leads_to_the_case(ticket, officer, tree, settings):
    settings.SITE_URL = "https://weige.example.org"
    letter = letter_of(written("late", ticket, to=officer, days=3))
    category = Category.objects.get(pk=ticket.category_id).name
    (line,) = letter.lines
    assert line.url == f"https://weige.example.org/cases/{ticket.number}/"
    for word in (ticket.number, category, tree["005001"].name, "3"):
        assert word in line.text


def test_the_subject_is_complete_by_itself(ticket, officer, micro_grid_worker, tree):
    message = written("late", ticket, to=officer)
    assert letter_of(message).subject == letter_of(message).lines[0].text
    for _n in range(2):
        other = report(micro_grid_worker, tree["00500101"])
        MessageLine.objects.create(message=message, case_id=other.pk, rule="due_soon", facts={})
    letter = letter_of(message)
    assert letter.subject.startswith(letter.lines[0].text)
    assert "2" in letter.subject.removeprefix(letter.lines[0].text)


def test_a_text_message_says_which_case_it_is_about(ticket, officer, settings):
    settings.SMS_GATEWAY = f"{__name__}.KeptSms"
    KeptSms.taken.clear()
    message = written("late", ticket, to=officer)
    Message.objects.filter(pk=message.pk).update(channel=Channel.SMS)
    type(officer).objects.filter(pk=officer.pk).update(phone="13800000001")
    assert send_due("sms", now=NOW) == 1
    ((phone, text),) = KeptSms.taken
    assert phone == "13800000001"
    assert ticket.number in text
    assert [word for word in PRIVATE if word in text] == []


def test_a_letter_is_in_the_language_of_its_reader(ticket, officer):
    officer.language = "en"
    officer.save()
    assert "late" in letter_of(written("late", ticket, to=officer)).subject
    officer.language = "zh-hans"
    officer.save()
    assert "late" not in letter_of(written("late", ticket, to=officer)).subject


def test_of_a_secret_case_only_the_number_goes_to_who_may_see_it(ticket, secretary, officer, tree):
    Case.objects.filter(pk=ticket.pk).update(is_secret=True)
    text = text_of(letter_of(written("late", ticket, to=secretary)))
    assert ticket.number in text
    assert Category.objects.get(pk=ticket.category_id).name not in text
    assert tree["005001"].name not in text
    assert compose(written("late", ticket, to=officer), now=NOW).letter is None


@pytest.mark.parametrize("rule", sorted(OUTWARD))
def test_neither_category_nor_grid_of_a_secret_case_stands_in_any_message(
    rule, ticket, secretary, robot, tree
):
    """As a letter, a text message and a robot's post, also when a robot were given the case by mistake."""
    Case.objects.filter(pk=ticket.pk).update(is_secret=True)
    category = Category.objects.select_related("parent").get(pk=ticket.category_id)
    letter = letter_of(written(rule, ticket, to=secretary, **FACTS))
    message = written(rule, ticket, robot=robot, **FACTS)
    cases = Ticket.objects.for_rows().in_bulk([ticket.pk])
    by_robot = write_letter(message, list(message.lines.all()), cases)
    said = [text_of(letter), sms_text(letter), markdown(by_robot, between="\n")]
    for word in (category.name, category.parent.name, tree["005001"].name, *PRIVATE):
        assert [text for text in said if word in text] == [], word
    assert compose(message, now=NOW).letter is None


def test_a_robot_never_names_a_secret_case_or_one_of_another_area(ticket, robot, tree):
    assert compose(written("late", ticket, robot=robot), now=NOW).letter is not None
    Case.objects.filter(pk=ticket.pk).update(is_secret=True)
    assert compose(written("late", ticket, robot=robot), now=NOW).letter is None
    Case.objects.filter(pk=ticket.pk).update(is_secret=False, path=tree["00600101"].code)
    assert compose(written("late", ticket, robot=robot), now=NOW).letter is None


def test_a_reminder_of_no_case_is_a_sentence(officer):
    officer.email = "officer@example.org"
    message = Message.objects.create(
        dedupe_key="x", channel=Channel.EMAIL, recipient=officer, planned_at=NOW, send_after=NOW
    )
    MessageLine.objects.create(message=message, rule="calendar_provisional", facts={"year": 2024})
    letter = letter_of(message)
    assert "2024" in letter.subject
    assert letter.lines[0].url == ""


def test_planning_asks_no_more_for_more_reminders(ticket, grid_leader, django_assert_num_queries):
    type(grid_leader).objects.filter(pk=grid_leader.pk).update(email="leader@example.org")

    def rows(count):
        made = Reminder.objects.bulk_create(
            Reminder(
                dedupe_key=f"{count}:{n}",
                rule="late",
                recipient=grid_leader,
                case_id=ticket.pk,
                planned_at=NOW,
            )
            for n in range(count)
        )
        return [row.pk for row in made]

    plan_messages(rows(1), now=NOW)
    three, thirty = rows(3), rows(30)
    with django_assert_num_queries(9):
        plan_messages(three, now=NOW)
    with django_assert_num_queries(9):
        plan_messages(thirty, now=NOW)


@pytest.fixture
def of_a_rule_that_is_gone(ticket, grid_leader):
    """A reminder planned by a version whose rule this one no longer has."""
    grid_leader.email = "leader@example.org"
    grid_leader.save()
    return Reminder.objects.create(
        dedupe_key="gone:1", rule="gone", recipient=grid_leader, case_id=ticket.pk, planned_at=NOW, facts={}
    )


def test_a_reminder_of_a_rule_that_is_gone_is_delivered_and_says_so(
    of_a_rule_that_is_gone, grid_leader, system_admin, client_for, settings, ticket
):
    settings.ADMIN_SECOND_FACTOR = False
    assert deliver_all(now=NOW) > 0
    html = client_for(grid_leader).get(reverse("portal:inbox")).content.decode()
    assert "已停用的提醒" in html
    (message,) = Message.objects.filter(lines__rule="gone")
    assert "已停用的提醒" in letter_of(message).subject
    for page in ("reminder", "message"):
        answer = client_for(system_admin).get(reverse(f"admin:casework_{page}_changelist"))
        assert answer.status_code == 200
