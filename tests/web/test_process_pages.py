"""The pages of processes: the list, one process with its start form, its file and picture."""

from __future__ import annotations

from pathlib import Path

from flask.testing import FlaskClient
from visitor import Visitor, text_of

from runner import Runner

ROOT = Path(__file__).parents[2]
FIELD_LEVEL = "/pokemon/level"
FIELD_POKEMONS = "/trainer/pokemons"


def test_home_leads_to_the_processes(client: FlaskClient) -> None:
    assert client.get("/").headers["Location"] == "/processes"


def test_list_shows_each_process_with_its_picture(visitor: Visitor) -> None:
    page = visitor.open("/processes")
    titles = [title.text_content().strip() for title in page.xpath("//article//h2")]
    assert (titles[0], titles[-2:], len(titles)) == ("Capture a Pokémon", ["Hello world", "Transfer money"], 7)
    assert len(page.xpath("//article//svg[@viewbox and .//*[@data-element-id]]")) == len(titles)


def test_list_shows_why_a_changed_file_was_refused(runner: Runner, visitor: Visitor) -> None:
    runner.runtime.refusals["capture.bpmn"] = "capture.bpmn:12 [attack] refused: <b>no handler</b>"
    page = visitor.open("/processes")
    assert "[attack] refused: <b>no handler</b>" in text_of(page, "//article[.//h2//a[contains(@href, 'capture')]]")
    assert "refused" not in text_of(page, "//article[.//h2//a[contains(@href, 'helloworld')]]")


def test_page_of_a_process_shows_why_its_changed_file_was_refused(runner: Runner, visitor: Visitor) -> None:
    runner.runtime.refusals["capture.bpmn"] = "capture.bpmn:12 [attack] refused: <b>no handler</b>"
    words = text_of(visitor.open("/processes/capture"), "//*[@id='news']")
    assert "[attack] refused: <b>no handler</b>" in words and "Version 1 stays" in words
    assert "refused" not in text_of(visitor.open("/processes/helloworld"), "//*[@id='news']")


def test_list_shows_why_a_new_file_was_refused(runner: Runner, visitor: Visitor) -> None:
    runner.runtime.refusals["brand_new.bpmn"] = "brand_new.bpmn:3 [rest] refused: no handler"
    words = text_of(visitor.open("/processes"), "//*[@id='overviews']")
    assert "brand_new.bpmn cannot be deployed." in words and "[rest] refused: no handler" in words


def test_counts_lead_to_the_instances_they_count(runner: Runner, visitor: Visitor) -> None:
    runner.start("helloworld").cancel()
    address = visitor.open("/processes").xpath("//a[contains(@href, 'helloworld')][contains(., 'active')]/@href")[0]
    assert "No instance fits" in text_of(visitor.open(address), "//main")


def test_start_form_is_filled_with_the_example(visitor: Visitor) -> None:
    page = visitor.open("/processes/capture")
    assert [node.text_content() for node in page.xpath("//legend")] == ["Trainer", "Pokemon"]
    assert page.xpath("//input[@name=$name]/@value", name="/pokemon/name") == ["Mewtwo"]
    assert "Pikachu" in text_of(page, f"//textarea[@name='{FIELD_POKEMONS}']")


def test_start_form_starts_and_leads_to_the_instance(runner: Runner, visitor: Visitor) -> None:
    response = visitor.send("/processes/capture", "/instances", business_key="order 7")
    assert response.status_code == 303
    instance = runner.instance(response.headers["Location"].removeprefix("/instances/").removesuffix("#started"))
    assert instance.wait(timeout=20)
    assert [one["name"] for one in instance.variables["trainer"]["pokemons"]] == ["Pikachu", "Mewtwo"]
    assert "order 7" in text_of(visitor.open(f"/instances/{instance.id}"), "//h1")


def test_wrong_number_starts_nothing_and_keeps_what_was_typed(runner: Runner, visitor: Visitor) -> None:
    response = visitor.send("/processes/capture", "/instances", **{FIELD_LEVEL: "fifty"})
    assert response.status_code == 422
    assert "Expected a number, but got &#39;fifty&#39;." in response.text
    assert 'value="fifty"' in response.text
    assert "Nothing has been started" in visitor.client.get("/instances").text


def test_variables_can_be_sent_as_one_json_text(runner: Runner, visitor: Visitor) -> None:
    response = visitor.send("/processes/capture?input=json", "/instances", variables='{"trainer": 1}')
    assert response.status_code == 303
    identifier = response.headers["Location"].removeprefix("/instances/").removesuffix("#started")
    assert runner.instance(identifier).variables == {"trainer": 1}


def test_broken_json_is_shown_again_with_its_place(visitor: Visitor) -> None:
    response = visitor.send("/processes/capture?input=json", "/instances", variables='{"trainer": }')
    assert response.status_code == 422
    assert "line 1, column 13" in response.text


def test_file_is_given_byte_for_byte_and_once(client: FlaskClient) -> None:
    response = client.get("/processes/capture/diagram.bpmn?version=1")
    assert response.data == (ROOT / "processes" / "capture.bpmn").read_bytes()
    again = client.get("/processes/capture/diagram.bpmn?version=1", headers={"If-None-Match": response.headers["ETag"]})
    assert again.status_code == 304


def test_picture_is_svg(client: FlaskClient) -> None:
    response = client.get("/processes/capture/diagram.svg")
    assert response.mimetype == "image/svg+xml"
    assert response.text.startswith("<svg") or response.text.startswith("<?xml")


def test_older_version_says_which_is_the_newest(runner: Runner, visitor: Visitor, tmp_path: Path) -> None:
    changed = tmp_path / "capture.bpmn"
    changed.write_text(
        (ROOT / "processes" / "capture.bpmn").read_text("utf-8").replace('"Attack"', '"Weaken"'), "utf-8"
    )
    runner.deploy(changed)
    assert "Version 2 is the newest" in text_of(visitor.open("/processes/capture?version=1"), "//main")
    assert "Weaken" in text_of(visitor.open("/processes/capture"), "//ol")
    assert "Version 2 is" not in text_of(visitor.open("/processes/capture"), "//main")


def test_unknown_process_names_the_near_one(client: FlaskClient) -> None:
    response = client.get("/processes/captur")
    assert response.status_code == 404
    assert 'href="/processes/capture"' in response.text


def test_version_that_is_no_number_is_refused(client: FlaskClient) -> None:
    response = client.get("/processes/capture?version=two")
    assert response.status_code == 422
    assert "Expected version to be a number such as 3" in response.text


def test_a_pool_that_a_message_starts_offers_no_form(visitor: Visitor) -> None:
    page = visitor.open("/processes/capture_status")
    assert "Nobody starts this process by hand: the message 'PokemonEncountered' does." in text_of(page, "//main")
    assert page.xpath("//form[contains(@action, 'instances')]") == []
    card = text_of(visitor.open("/processes"), "//article[.//h2//a[contains(@href, 'capture_status')]]")
    assert "Started by the message 'PokemonEncountered'" in card and "Start…" not in card


def test_the_picture_of_a_pool_shows_all_pools(client: FlaskClient) -> None:
    picture = client.get("/processes/capture_status/diagram.svg").text
    assert all(f'data-element-id="{id}"' in picture for id in ("paralyze", "attack", "throw_pokeball", "tells_trainer"))
