//! A finished picture.

use crate::style;
use crate::svg::{Svg, escaped};

/// Why a picture could not be drawn.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the picture cannot be drawn: {0}")]
pub struct PictureError(pub(crate) String);

/// A picture: SVG, with what a reader who does not see it is told.
#[derive(Clone, Debug, PartialEq)]
pub struct Picture {
    name: &'static str,
    title: String,
    description: String,
    width: u32,
    height: u32,
    body: String,
}

impl Picture {
    /// `name`: file name and id. `description`: what is to be seen, in a sentence or two.
    pub(crate) fn new(
        name: &'static str,
        title: &str,
        description: String,
        (width, height): (u32, u32),
        body: Svg,
    ) -> Picture {
        Picture {
            name,
            title: title.to_string(),
            description,
            width,
            height,
            body: body.text(),
        }
    }

    /// The file's name without its extension.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// What it shows, in a few words.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// What is to be seen.
    pub fn description(&self) -> &str {
        &self.description
    }

    /// As a file of its own.
    pub fn file(&self) -> String {
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{}",
            self.svg("", &format!("<style>{}</style>\n", style::css()))
        )
    }

    /// As an element of a page whose style sheet has [`style::css`].
    pub(crate) fn element(&self) -> String {
        // Smaller than this its text is too small to read: then it is scrolled.
        let least = self.width * 7 / 10;
        self.svg(&format!(" style=\"min-width:{least}px\""), "")
    }

    fn svg(&self, attributes: &str, style: &str) -> String {
        let Picture {
            name,
            width,
            height,
            body,
            ..
        } = self;
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"spidec\" id=\"{name}\" width=\"{width}\" \
             height=\"{height}\" viewBox=\"0 0 {width} {height}\" role=\"img\" \
             aria-labelledby=\"{name}-title {name}-desc\"{attributes}>\n\
             <title id=\"{name}-title\">{}</title>\n<desc id=\"{name}-desc\">{}</desc>\n{style}{body}</svg>\n",
            escaped(&self.title),
            escaped(&self.description),
        )
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// The texts of a picture, which must be well-formed.
    pub fn texts(picture: &Picture) -> Vec<String> {
        let file = picture.file();
        let document = roxmltree::Document::parse(&file).unwrap();
        let texts = document
            .descendants()
            .filter(|n| n.has_tag_name((SVG, "text")));
        texts
            .filter_map(|n| n.text().map(|t| t.trim().to_string()))
            .collect()
    }

    /// How many elements of a name it has.
    pub fn marks(picture: &Picture, element: &str) -> usize {
        let file = picture.file();
        let document = roxmltree::Document::parse(&file).unwrap();
        document
            .descendants()
            .filter(|n| n.has_tag_name((SVG, element)))
            .count()
    }

    const SVG: &str = "http://www.w3.org/2000/svg";

    #[test]
    fn what_the_user_wrote_is_text_everywhere() {
        let mut body = Svg::default();
        body.write((0.0, 0.0), crate::svg::PLAIN, "<b&\">");
        let picture = Picture::new("p", "<t&\">", "<d&\">".to_string(), (10, 10), body);
        assert_eq!(texts(&picture), ["<b&\">"]);
        let element = picture.element();
        let document = roxmltree::Document::parse(&element).unwrap();
        let title = document
            .descendants()
            .find(|n| n.has_tag_name((SVG, "title")));
        assert_eq!(title.unwrap().text(), Some("<t&\">"));
        // The page has the style sheet once.
        assert!(
            !element.contains("<style") && picture.file().contains("prefers-color-scheme:dark")
        );
    }
}
