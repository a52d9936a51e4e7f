//! The page: pictures and tables, one after the other, in a file of its own.

use crate::picture::Picture;
use crate::style;
use askama::Template;

/// A page that needs nothing beside itself.
#[derive(Clone, Debug)]
pub struct Page {
    /// Its title.
    pub title: String,
    /// Sentences below the title.
    pub lead: String,
    /// In order.
    pub sections: Vec<Section>,
}

/// A part of the page.
#[derive(Clone, Debug)]
pub struct Section {
    /// Its heading.
    pub heading: String,
    /// In order.
    pub content: Vec<Content>,
}

/// What a section holds.
#[derive(Clone, Debug)]
pub enum Content {
    /// A paragraph; what stands between backquotes is a command, or, with `https://` first, a link.
    Text(String),
    /// A paragraph, as [`Content::Text`], on what is not there and how to get it.
    Missing(String),
    /// A picture with its description.
    Picture(Picture),
    /// A table.
    Table(Table),
    /// Words and what they mean.
    Terms(Vec<Term>),
}

/// A word and what it means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Term {
    /// The word.
    pub word: String,
    /// What it means.
    pub meaning: String,
}

/// A table; all columns but the first hold numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// What it shows.
    pub caption: String,
    /// One a column.
    pub heads: Vec<String>,
    /// Cells, as many as heads in each.
    pub rows: Vec<Vec<String>>,
}

#[derive(Template)]
#[template(path = "page.html")]
struct Html<'a> {
    page: &'a Page,
    css: String,
}

/// A part of a paragraph.
struct Prose<'a> {
    text: &'a str,
    /// It stood between backquotes.
    code: bool,
}

impl<'a> Prose<'a> {
    fn link(&self) -> bool {
        self.code && self.text.starts_with("https://")
    }

    fn of(text: &'a str) -> impl Iterator<Item = Prose<'a>> {
        let parts = text.split('`').enumerate();
        parts.map(|(k, text)| Prose {
            text,
            code: k % 2 == 1,
        })
    }
}

impl Page {
    /// As HTML. The same page gives the same bytes.
    pub fn html(&self) -> String {
        let html = Html {
            page: self,
            css: style::css(),
        };
        // Writing to a string has no failure of its own.
        html.render().unwrap_or_default()
    }

    /// Its pictures, in order.
    pub fn pictures(&self) -> impl Iterator<Item = &Picture> {
        let content = self.sections.iter().flat_map(|section| &section.content);
        content.filter_map(|content| match content {
            Content::Picture(picture) => Some(picture),
            _ => None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;

    fn page() -> Page {
        let hostile = "<script>\"&'".to_string();
        Page {
            title: hostile.clone(),
            lead: hostile.clone(),
            sections: vec![Section {
                heading: hostile.clone(),
                content: vec![
                    Content::Picture(crate::network(&testing::network(2, 2))),
                    Content::Text(hostile.clone()),
                    Content::Missing(hostile.clone()),
                    Content::Table(Table {
                        caption: hostile.clone(),
                        heads: vec![hostile.clone(), "n".into()],
                        rows: vec![vec![hostile.clone(), "1".into()]],
                    }),
                    Content::Terms(vec![Term {
                        word: hostile.clone(),
                        meaning: hostile,
                    }]),
                ],
            }],
        }
    }

    #[test]
    fn all_is_there_and_escaped() {
        let html = page().html();
        // A page without void elements is XML but for its doctype.
        let (_, root) = html.split_once('\n').unwrap();
        let document = roxmltree::Document::parse(root).unwrap();
        let count = |name: &str| {
            document
                .descendants()
                .filter(|n| n.tag_name().name() == name)
                .count()
        };
        assert_eq!((count("svg"), count("table"), count("script")), (1, 1, 0));
        // Title twice, lead, heading, text, missing, caption, head, cell, word, meaning.
        let hostile = document
            .descendants()
            .filter(|n| n.text().is_some_and(|t| t.contains("<script>")));
        assert!(hostile.filter(|n| n.is_text()).count() >= 11, "{html}");
    }

    #[test]
    fn commands_are_set_apart() {
        let mut page = page();
        page.sections[0].content[1] = Content::Text("type `a <b>`, then `c`".to_string());
        let wanted = "<p>type <code>a &#60;b&#62;</code>, then <code>c</code></p>";
        assert!(page.html().contains(wanted), "{}", page.html());
        page.sections[0].content[1] = Content::Text("see `https://a.org/\"b`".to_string());
        let wanted = "<p>see <a href=\"https://a.org/&#34;b\">https://a.org/&#34;b</a></p>";
        assert!(page.html().contains(wanted), "{}", page.html());
    }

    #[test]
    fn it_asks_for_nothing_else() {
        let html = page().html();
        for outside in ["src=", "href=", "url(", "@import", "<link"] {
            assert!(!html.contains(outside), "{outside}");
        }
        assert!(html.contains("prefers-color-scheme:dark"));
        assert_eq!(html, page().html());
    }
}
