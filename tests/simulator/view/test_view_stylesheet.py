"""What a phone shares with other phones and what it does not do again changes nothing of how it looks."""

from textual.css.stylesheet import Stylesheet
from textual.widget import Widget

PSEUDO = ("_has_hover_style", "_has_focus_within", "_has_order_style", "_has_odd_or_even")


def styles_of(widget):
    """The rules of a widget and of its component classes, and what Textual noted on it."""
    components = {name: styles.base.get_rules() for name, styles in widget._component_styles.items()}
    return widget.styles.base.get_rules(), components, [getattr(widget, name) for name in PSEUDO]


def assert_styled_as_by_textual(view):
    """Style every widget once more, by Textual's own stylesheet with the same CSS: nothing may change."""
    app = view.host
    textual = Stylesheet(variables=app.get_css_variables())
    textual.source = app.stylesheet.source.copy()
    textual.parse()
    for widget in [view.screen, *view.screen.walk_children(Widget)]:
        before = styles_of(widget)
        view.within(lambda widget=widget: textual.apply(widget))
        assert styles_of(widget) == before, widget


def test_every_widget_has_the_styles_that_textual_would_give_it(play):
    async def begin(phone):
        assert_styled_as_by_textual(phone.hands._view)
        await phone.open_the_first_time()
        assert_styled_as_by_textual(phone.hands._view)

    async def try_to_log_in(phone):
        view = phone.hands._view
        await phone.be_at_the_welcome()
        await phone.tap("登入")
        await phone.tap("登入")
        assert_styled_as_by_textual(view)
        await phone.type("用戶名稱", phone.kit.account)
        assert_styled_as_by_textual(view)
        await phone.type("密碼", "wrong")
        assert_styled_as_by_textual(view)
        for _ in range(4):
            phone.hands._fingers.key("tab")
            await phone.hands._fingers.pass_through(*view.screen.focused.ancestors_with_self[:-1])
            await phone.hands._fingers.pass_through(view.screen.focused)
            assert_styled_as_by_textual(view)
        view.query_one("#log-in").disabled = True
        assert_styled_as_by_textual(view)
        phone.phone.deliver_text(phone.text())
        await phone.hands.rest()
        assert_styled_as_by_textual(view)

    play(begin, try_to_log_in, try_to_log_in)
    play(try_to_log_in, light=True)


def test_turning_the_light_restyles_every_widget(play):
    async def act(phone):
        view = phone.hands._view
        dark = view.styles.background
        view.host.theme = "twofold-light"
        await phone.hands._fingers.pass_through(view.screen)
        assert view.styles.background != dark
        assert_styled_as_by_textual(view)

    play(act)


def test_a_new_screen_is_laid_out_once_and_only_when_somebody_looks_for_a_place_on_it(play):
    async def act(phone):
        layouts = []
        view = phone.hands._view
        await phone.tap("鉅亨證券 2")
        view.screen.screen_layout_refresh_signal.subscribe(view, layouts.append, immediate=True)
        await phone.hands.see("通知")
        assert len(layouts) == 0
        phone.hands.lines()
        assert len(layouts) == 1
        phone.hands.lines()
        await phone.tap("允許")
        assert len(layouts) == 1

    play(act)


def test_what_changes_between_two_looks_is_laid_out_for_the_second(play):
    async def act(phone):
        await phone.be_at_the_welcome()
        before = phone.hands.lines()
        await phone.hands.tap("保安編碼器")
        assert any("此電話尚未啟用" in line for line in phone.hands.lines())
        assert not any("此電話尚未啟用" in line for line in before)

    play(act)
