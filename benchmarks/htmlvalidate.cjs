// html-validate over the whole built site; every rule that is off says why.
module.exports = {
  root: true,
  extends: ["html-validate:standard"],
  rules: {
    // White space and upper case of the theme's template: nothing a reader meets.
    "no-trailing-whitespace": "off",
    "doctype-style": "off",
    // Tables become grids on a phone, and `display: grid` takes their meaning from them: the roles give it back.
    "no-redundant-role": "off",
    // Boxes that scroll sideways are named regions, which a keyboard can reach.
    "prefer-native-element": ["error", { exclude: ["region", "table", "rowgroup", "row", "cell", "search", "dialog"] }],
    // The theme's switches are named __search and __palette_0; its script looks for them.
    "valid-id": ["error", { relaxed: true }],
    "valid-autocomplete": "off",
    // Forms that act while one types send nothing.
    "wcag/h32": "off",
    // The boxes of one facet share its name.
    "form-dup-name": ["error", { shared: ["radio", "checkbox"] }],
    // Titles of documents are as long as their authors made them.
    "long-title": ["error", { maxlength: 120 }],
  },
};
