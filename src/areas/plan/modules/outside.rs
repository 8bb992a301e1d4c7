//! Models and groups of Odoo's own modules that a plan may point to, with the module that has them.

/// Model and module; Odoo 18.
const MODELS: [(&str, &str); 60] = [
    ("res.partner", "base"),
    ("res.partner.bank", "base"),
    ("res.partner.category", "base"),
    ("res.users", "base"),
    ("res.groups", "base"),
    ("res.company", "base"),
    ("res.currency", "base"),
    ("res.country", "base"),
    ("res.country.state", "base"),
    ("res.lang", "base"),
    ("res.bank", "base"),
    ("res.config.settings", "base"),
    ("ir.attachment", "base"),
    ("ir.sequence", "base"),
    ("ir.model", "base"),
    ("ir.model.fields", "base"),
    ("ir.ui.view", "base"),
    ("ir.ui.menu", "base"),
    ("ir.cron", "base"),
    ("ir.actions.report", "base"),
    ("ir.http", "base"),
    ("ir.config_parameter", "base"),
    ("mail.thread", "mail"),
    ("mail.activity.mixin", "mail"),
    ("mail.message", "mail"),
    ("mail.template", "mail"),
    ("mail.alias.mixin", "mail"),
    ("portal.mixin", "portal"),
    ("calendar.event", "calendar"),
    ("uom.uom", "uom"),
    ("uom.category", "uom"),
    ("product.product", "product"),
    ("product.template", "product"),
    ("product.category", "product"),
    ("product.pricelist", "product"),
    ("account.move", "account"),
    ("account.move.line", "account"),
    ("account.account", "account"),
    ("account.journal", "account"),
    ("account.tax", "account"),
    ("account.payment", "account"),
    ("account.payment.term", "account"),
    ("account.analytic.account", "analytic"),
    ("sale.order", "sale"),
    ("sale.order.line", "sale"),
    ("purchase.order", "purchase"),
    ("purchase.order.line", "purchase"),
    ("stock.picking", "stock"),
    ("stock.move", "stock"),
    ("stock.location", "stock"),
    ("stock.warehouse", "stock"),
    ("stock.quant", "stock"),
    ("stock.lot", "stock"),
    ("crm.lead", "crm"),
    ("crm.team", "sales_team"),
    ("hr.employee", "hr"),
    ("hr.department", "hr"),
    ("project.project", "project"),
    ("project.task", "project"),
    ("website", "website"),
];

/// Names of fields that every model has, or that would hide what every model does.
const RESERVED: [&str; 40] = [
    "id",
    "create_date",
    "create_uid",
    "write_date",
    "write_uid",
    "display_name",
    "env",
    "ids",
    "pool",
    "create",
    "write",
    "unlink",
    "read",
    "search",
    "search_count",
    "search_read",
    "browse",
    "copy",
    "copy_data",
    "exists",
    "ensure_one",
    "filtered",
    "filtered_domain",
    "mapped",
    "sorted",
    "grouped",
    "sudo",
    "with_context",
    "with_user",
    "with_company",
    "with_env",
    "default_get",
    "fields_get",
    "fields_view_get",
    "name_create",
    "name_search",
    "onchange",
    "modified",
    "concat",
    "union",
];

/// The module of Odoo that has a model.
pub fn module_of(model: &str) -> Option<&'static str> {
    MODELS.iter().find(|(name, _)| *name == model).map(|(_, module)| *module)
}

/// Whether what a module of Odoo brings is known here.
pub fn is_known_module(name: &str) -> bool {
    name == "base" || MODELS.iter().any(|(_, module)| *module == name)
}

pub fn models() -> impl Iterator<Item = &'static str> {
    MODELS.iter().map(|(name, _)| *name)
}

/// Models that others are made from for what they do, and whose fields nobody says again.
pub fn is_mixin(model: &str) -> bool {
    model.starts_with("mail.") || model.ends_with(".mixin") && module_of(model).is_some()
}

/// Whether a field may not be called so.
pub fn is_reserved(field: &str) -> bool {
    RESERVED.contains(&field)
}

/// A record of Odoo's own data that demo data may point to.
pub fn demo_record(model: &str) -> Option<&'static str> {
    Some(match model {
        "res.partner" => "base.main_partner",
        "res.users" => "base.user_admin",
        "res.company" => "base.main_company",
        "res.currency" => "base.EUR",
        "res.country" => "base.fr",
        "res.lang" => "base.lang_en",
        "uom.uom" => "uom.product_uom_unit",
        "product.category" => "product.product_category_all",
        "stock.warehouse" => "stock.warehouse0",
        _ => return None,
    })
}
