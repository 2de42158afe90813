"""The pages of instances: the list with its filters, one instance with its trouble, trying again, canceling."""

from __future__ import annotations

from flask.testing import FlaskClient
from visitor import Visitor, text_of

from runner import Runner


def test_empty_list_says_what_to_do(visitor: Visitor) -> None:
    words = text_of(visitor.open("/instances"), "//main")
    assert "Nothing has been started yet" in words
    assert "runner start capture" in words


def test_filter_is_in_the_address(visitor: Visitor, finished: str, stuck: str) -> None:
    page = visitor.open("/instances?state=completed&process=capture&problem=")
    assert page.xpath("//tbody//a/@href")[0] == f"/instances/{finished}"
    assert page.xpath("//select[@id='state']/option[@selected]/@value") == ["completed"]
    found = visitor.open("/instances?problem=incident").xpath("//tbody//td[1]//a/@href")
    assert found == [f"/instances/{stuck}"]


def test_second_page_has_the_rest_under_the_same_filter(runner: Runner, visitor: Visitor) -> None:
    for _ in range(27):
        runner.start("helloworld").cancel()
    page = visitor.open("/instances?process=helloworld")
    older = page.xpath("//a[@rel='next']/@href")[0]
    assert older == "/instances?process=helloworld&page=2"
    assert len(page.xpath("//tbody/tr")) == 25
    assert len(visitor.open(older).xpath("//tbody/tr")) == 2


def test_unknown_state_is_refused_with_the_known_ones(client: FlaskClient) -> None:
    response = client.get("/instances?state=asleep")
    assert response.status_code == 422
    assert "completed" in response.text


def test_finished_instance_shows_path_history_and_variables(visitor: Visitor, finished: str) -> None:
    page = visitor.open(f"/instances/{finished}")
    assert text_of(page, "//*[@id='headline']") == "Completed Ended: The Pokémon is captured."
    names = [node.text_content() for node in page.xpath("//*[@id='history']//tbody//a")]
    assert names[1:4] == ["Paralyze", "Attack", "Throw Pokéball"]
    assert '"name": "<Sacha>"' in text_of(page, "//*[@id='variables']")
    assert page.xpath("//svg//*[@data-element-id='attack']/title[contains(., 'done')]")


def test_incident_is_shown_with_its_element_and_message(visitor: Visitor, stuck: str) -> None:
    page = visitor.open(f"/instances/{stuck}")
    assert text_of(page, "//*[@id='headline']").startswith("Incident")
    assert "needs a person: input invalid" in text_of(page, "//section[contains(@class, 'notice--bad')]")
    assert page.xpath("//svg//*[@data-element-id='paralyze']/title[contains(., 'failed')]")


def test_a_long_history_is_shown_in_parts(runner: Runner, visitor: Visitor, stuck: str) -> None:
    for _ in range(60):
        runner.instance(stuck).retry()
        assert runner.instance(stuck).wait_until_settled(timeout=20)
    page = visitor.open(f"/instances/{stuck}")
    (earlier,) = page.xpath("//section[@id='history']//a[text()='Earlier']/@href")
    assert text_of(visitor.open(earlier), "//nav[@aria-label='Parts of the history']").endswith("Later")
    assert page.xpath("//svg//*[@data-element-id]") and text_of(page, "//*[@id='headline']").startswith("Incident")


def test_retry_tries_again_and_leads_back(visitor: Visitor, stuck: str) -> None:
    address = f"/instances/{stuck}"
    response = visitor.send(address, "/retry")
    assert (response.status_code, response.headers["Location"]) == (303, address)
    assert "It is being tried again." in text_of(visitor.open(address), "//main")


def test_cancel_ends_the_instance(runner: Runner, visitor: Visitor, stuck: str) -> None:
    assert visitor.send(f"/instances/{stuck}", "/cancel").status_code == 303
    assert runner.instance(stuck).state == "terminated"
    page = visitor.open(f"/instances/{stuck}")
    assert text_of(page, "//*[@id='headline']") == "Canceled Ended before it was completed."
    assert not page.xpath("//form[contains(@action, 'cancel')]")


def test_canceling_what_has_ended_is_a_conflict(runner: Runner, visitor: Visitor, stuck: str) -> None:
    token = visitor.open(f"/instances/{stuck}").xpath("//input[@name='csrf_token']/@value")[0]
    runner.instance(stuck).cancel()
    response = visitor.client.post(f"/instances/{stuck}/cancel", data={"csrf_token": token})
    assert response.status_code == 409
    assert f'href="/instances/{stuck}"' in response.text


def test_beginning_of_an_id_leads_to_the_instance(client: FlaskClient, finished: str) -> None:
    assert client.get(f"/instances/{finished[:-2]}").headers["Location"] == f"/instances/{finished}"


def test_unknown_instance_names_the_near_one(client: FlaskClient, finished: str) -> None:
    response = client.get(f"/instances/{finished[:-2]}!!")
    assert response.status_code == 404
    assert f'href="/instances/{finished}"' in response.text
