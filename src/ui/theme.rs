//! Fonts, text sizes and egui's own style, set from the tokens for both themes.

use super::tokens::{CLEAR, Tokens, measure};
use crate::base::settings::ThemeChoice;
use egui::style::{ScrollAnimation, ScrollStyle, WidgetVisuals, Widgets};
use egui::{
    Context, CornerRadius, CursorIcon, FontData, FontDefinitions, FontFamily, FontId, Id, Margin, Shadow, Stroke, Style,
    TextStyle, Theme, ThemePreference, Visuals, vec2,
};
use std::sync::{Arc, LazyLock};

/// The fonts by use; sizes stand in `tokens::measure`.
pub mod font {
    use super::{FontFamily, FontId, LazyLock, measure};

    static MEDIUM: LazyLock<FontFamily> = LazyLock::new(|| FontFamily::Name("medium".into()));
    static SEMIBOLD: LazyLock<FontFamily> = LazyLock::new(|| FontFamily::Name("semibold".into()));
    static MONO_BOLD: LazyLock<FontFamily> = LazyLock::new(|| FontFamily::Name("mono-bold".into()));
    static ICONS: LazyLock<FontFamily> = LazyLock::new(|| FontFamily::Name("icons".into()));

    pub fn regular(size: f32) -> FontId {
        FontId::new(size, FontFamily::Proportional)
    }

    /// Weight 500: a control, or what is active.
    pub fn medium(size: f32) -> FontId {
        FontId::new(size, MEDIUM.clone())
    }

    /// Weight 600: a title.
    pub fn semibold(size: f32) -> FontId {
        FontId::new(size, SEMIBOLD.clone())
    }

    pub fn mono(size: f32) -> FontId {
        FontId::new(size, FontFamily::Monospace)
    }

    pub fn mono_bold(size: f32) -> FontId {
        FontId::new(size, MONO_BOLD.clone())
    }

    pub fn icon(size: f32) -> FontId {
        FontId::new(size, ICONS.clone())
    }

    pub fn small() -> FontId {
        regular(measure::TEXT_SMALL)
    }

    pub fn body() -> FontId {
        regular(measure::TEXT_BODY)
    }

    pub fn code() -> FontId {
        mono(measure::TEXT_MONO)
    }

    pub fn log() -> FontId {
        mono(measure::TEXT_LOG)
    }

    pub fn title() -> FontId {
        semibold(measure::TEXT_TITLE)
    }

    pub fn strong() -> FontId {
        semibold(measure::TEXT_STRONG)
    }
}

/// Sets the fonts (once), both styles, the theme and the scale (0.75 to 2). Cheap when nothing changed: call it each frame.
pub fn apply(ctx: &Context, theme: ThemeChoice, scale: f32) {
    let marker = Id::unique("ui-theme-installed");
    if !ctx.data(|data| data.get_temp::<bool>(marker).unwrap_or(false)) {
        ctx.data_mut(|data| data.insert_temp(marker, true));
        ctx.set_fonts(fonts());
        ctx.set_style_of(Theme::Dark, style(Tokens::table(true)));
        ctx.set_style_of(Theme::Light, style(Tokens::table(false)));
        ctx.options_mut(|options| {
            options.zoom_with_keyboard = false;
            options.fallback_theme = Theme::Dark;
        });
    }
    let wanted = match theme {
        ThemeChoice::System => ThemePreference::System,
        ThemeChoice::Dark => ThemePreference::Dark,
        ThemeChoice::Light => ThemePreference::Light,
    };
    if ctx.options(|options| options.theme_preference) != wanted {
        ctx.set_theme(wanted);
    }
    let scale = if scale.is_finite() { scale.clamp(0.75, 2.0) } else { 1.0 };
    if (ctx.zoom_factor() - scale).abs() > 0.001 {
        ctx.set_zoom_factor(scale);
    }
}

/// Inter (its digits are tabular in these files), JetBrains Mono, the marks that tools write into logs, and the icons; each family falls
/// back on the others.
fn fonts() -> FontDefinitions {
    let mut fonts = FontDefinitions::empty();
    let mut add = |name: &str, data: FontData| fonts.font_data.insert(name.to_owned(), Arc::new(data));
    add(
        "inter",
        FontData::from_static(include_bytes!("../../assets/fonts/Inter-Regular.otf")),
    );
    add(
        "inter-medium",
        FontData::from_static(include_bytes!("../../assets/fonts/Inter-Medium.otf")),
    );
    add(
        "inter-semibold",
        FontData::from_static(include_bytes!("../../assets/fonts/Inter-SemiBold.otf")),
    );
    add(
        "mono",
        FontData::from_static(include_bytes!("../../assets/fonts/JetBrainsMono-Regular.ttf")),
    );
    add(
        "mono-bold",
        FontData::from_static(include_bytes!("../../assets/fonts/JetBrainsMono-Bold.ttf")),
    );
    add(
        "symbols",
        FontData::from_static(include_bytes!("../../assets/fonts/NotoSansSymbols2-Regular.ttf")),
    );
    add(
        "emoji",
        FontData::from_static(include_bytes!("../../assets/fonts/NotoEmoji-Regular.ttf")),
    );
    add("icons", egui_material_icons::font_insert().data);
    let mut family = |family: FontFamily, names: &[&str]| {
        fonts
            .families
            .insert(family, names.iter().map(|name| (*name).to_owned()).collect());
    };
    family(FontFamily::Proportional, &["inter", "mono", "symbols", "emoji", "icons"]);
    family(FontFamily::Monospace, &["mono", "inter", "symbols", "emoji", "icons"]);
    family(
        FontFamily::Name("medium".into()),
        &["inter-medium", "mono", "symbols", "emoji", "icons"],
    );
    family(
        FontFamily::Name("semibold".into()),
        &["inter-semibold", "mono", "symbols", "emoji", "icons"],
    );
    family(
        FontFamily::Name("mono-bold".into()),
        &["mono-bold", "inter", "symbols", "emoji", "icons"],
    );
    family(FontFamily::Name("icons".into()), &["icons", "inter"]);
    fonts
}

fn style(t: &Tokens) -> Style {
    let mut style = Style {
        visuals: visuals(t),
        animation_time: 0.0,
        scroll_animation: ScrollAnimation::none(),
        explanation_tooltips: false,
        ..Style::default()
    };
    style.text_styles = [
        (TextStyle::Small, font::small()),
        (TextStyle::Body, font::body()),
        (TextStyle::Button, font::medium(measure::TEXT_BODY)),
        (TextStyle::Heading, font::title()),
        (TextStyle::Monospace, font::code()),
        (TextStyle::Name("log".into()), font::log()),
        (TextStyle::Name("strong".into()), font::strong()),
        (TextStyle::Name("number".into()), font::semibold(measure::TEXT_NUMBER)),
    ]
    .into();
    let spacing = &mut style.spacing;
    spacing.item_spacing = vec2(measure::SPACE_8, measure::SPACE_8);
    spacing.button_padding = vec2(10.0, 5.0);
    spacing.interact_size = vec2(28.0, 22.0);
    spacing.menu_margin = Margin::same(4);
    spacing.window_margin = Margin::same(16);
    spacing.icon_width = 14.0;
    spacing.icon_width_inner = 8.0;
    spacing.icon_spacing = measure::ICON_GAP;
    spacing.indent = measure::SPACE_16;
    spacing.tooltip_width = 420.0;
    spacing.menu_width = 220.0;
    spacing.scroll = ScrollStyle {
        bar_width: 8.0,
        floating_width: 4.0,
        handle_min_length: 24.0,
        bar_inner_margin: 2.0,
        bar_outer_margin: 1.0,
        dormant_handle_opacity: 0.35,
        active_handle_opacity: 0.5,
        interact_handle_opacity: 0.8,
        active_background_opacity: 0.0,
        interact_background_opacity: 0.3,
        ..ScrollStyle::floating()
    };
    spacing.scroll.fade.strength = 0.0;
    style.interaction.selectable_labels = false;
    style.interaction.tooltip_delay = 0.4;
    style.interaction.resize_grab_radius_side = 4.0;
    style
}

fn visuals(t: &Tokens) -> Visuals {
    let base = if t.dark { Visuals::dark() } else { Visuals::light() };
    let radius = CornerRadius::same(measure::RADIUS);
    let widget = |fill, line, text| WidgetVisuals {
        bg_fill: fill,
        weak_bg_fill: fill,
        bg_stroke: Stroke::new(1.0, line),
        corner_radius: radius,
        fg_stroke: Stroke::new(1.0, text),
        expansion: 0.0,
    };
    let shadow = Shadow {
        offset: [0, 8],
        blur: 24,
        spread: 0,
        color: t.shadow,
    };
    let mut visuals = Visuals {
        dark_mode: t.dark,
        override_text_color: None,
        weak_text_color: Some(t.text_weak),
        widgets: Widgets {
            noninteractive: widget(t.surface_1, t.line, t.text),
            inactive: widget(t.surface_2, t.line_strong, t.text),
            hovered: widget(t.surface_3, t.line_strong, t.text),
            active: widget(t.surface_3, t.accent.mark, t.text),
            open: widget(t.surface_3, t.line_strong, t.text),
        },
        hyperlink_color: t.accent.text,
        faint_bg_color: t.surface_2,
        extreme_bg_color: t.surface_1,
        text_edit_bg_color: Some(t.surface_1),
        code_bg_color: t.surface_2,
        warn_fg_color: t.warning.text,
        error_fg_color: t.danger.text,
        window_corner_radius: radius,
        window_shadow: shadow,
        window_fill: t.surface_2,
        window_stroke: Stroke::new(1.0, t.line_strong),
        window_highlight_topmost: false,
        menu_corner_radius: radius,
        panel_fill: t.surface_1,
        popup_shadow: shadow,
        button_frame: true,
        collapsing_header_frame: false,
        indent_has_left_vline: false,
        striped: false,
        slider_trailing_fill: true,
        interact_cursor: Some(CursorIcon::Default),
        image_loading_spinners: false,
        disabled_alpha: 0.45,
        ..base
    };
    visuals.selection.bg_fill = if t.dark {
        t.accent.weak.lerp_to_gamma(t.accent_fill, 0.5)
    } else {
        t.accent.weak
    };
    visuals.selection.stroke = Stroke::new(1.0, t.accent.mark);
    visuals.text_cursor.stroke = Stroke::new(1.5, t.accent.mark);
    // A blinking cursor repaints the window twice a second for nothing.
    visuals.text_cursor.blink = false;
    visuals
}

/// The frame of a popup, menu or dialog.
pub fn popup_frame(t: &Tokens) -> egui::Frame {
    egui::Frame {
        inner_margin: Margin::same(4),
        outer_margin: Margin::ZERO,
        corner_radius: CornerRadius::same(measure::RADIUS),
        shadow: Shadow {
            offset: [0, 8],
            blur: 24,
            spread: 0,
            color: t.shadow,
        },
        fill: t.surface_2,
        stroke: Stroke::new(1.0, t.line_strong),
    }
}

/// The frame of a card on a page.
pub fn card_frame(t: &Tokens) -> egui::Frame {
    egui::Frame {
        inner_margin: Margin::same(12),
        outer_margin: Margin::ZERO,
        corner_radius: CornerRadius::same(measure::RADIUS),
        shadow: Shadow::NONE,
        fill: CLEAR,
        stroke: Stroke::new(1.0, t.line),
    }
}
