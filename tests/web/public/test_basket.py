"""The basket page and putting things into it."""


def test_an_empty_basket_says_what_to_do_first(client):
    page = client.get("/en/basket")
    assert page.h1 == "Your basket"
    assert page.link("See the projects") == "/en/projects"
