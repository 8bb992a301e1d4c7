//! The elements of a view that hands wrote, by the lines on which they open and close.

/// One element.
pub(super) struct Tag {
    name: String,
    /// The whole of what opens it.
    text: String,
    pub(super) opens: usize,
    /// The line on which it ends.
    pub(super) closes: usize,
    above: Option<usize>,
}

impl Tag {
    /// Says where what stands in it goes in another view.
    fn is_locator(&self) -> bool {
        self.text.contains("position=")
    }

    fn is_button_box(&self) -> bool {
        self.text.contains("button_box")
    }

    /// What stands in it is no field of the view beside others.
    fn is_closed(&self) -> bool {
        let is_inner = self.name == "button" || self.name == "field" || self.is_button_box();
        is_inner && !self.is_locator()
    }
}

/// Where a field goes that stands beside another one in the generated view.
pub(super) enum Beside {
    /// Beside it.
    Here,
    /// Behind this element, which holds nothing but its own.
    Behind(usize),
    /// Behind this element, in a place of its own.
    Apart(usize),
}

/// The elements from this line on.
pub(super) fn tags(lines: &[String], from: usize) -> Vec<Tag> {
    let text = lines[from..].concat();
    let line_of = |at: usize| from + text[..at].matches('\n').count();
    let mut out: Vec<Tag> = Vec::new();
    let mut open: Vec<usize> = Vec::new();
    let mut at = 0;
    while let Some(start) = text[at..].find('<').map(|found| at + found) {
        if text[start..].starts_with("<!--") {
            let Some(end) = text[start..].find("-->") else { break };
            at = start + end + 3;
            continue;
        }
        let mut quote = None;
        let end = text[start..].char_indices().find(|(_, c)| {
            match (quote, *c) {
                (Some(known), c) if known == c => quote = None,
                (None, '"' | '\'') => quote = Some(*c),
                (None, '>') => return true,
                _ => {}
            }
            false
        });
        let Some((length, _)) = end else { break };
        let tag = &text[start..=start + length];
        at = start + length + 1;
        let closes = line_of(start + length);
        if tag.starts_with("</") {
            // What was not opened here ends what is looked at.
            let Some(index) = open.pop() else { break };
            out[index].closes = closes;
            continue;
        }
        if tag.starts_with("<?") || tag.starts_with("<!") {
            continue;
        }
        let name: String = tag[1..]
            .chars()
            .take_while(|c| !c.is_whitespace() && !matches!(c, '/' | '>'))
            .collect();
        out.push(Tag {
            name,
            text: tag.to_owned(),
            opens: line_of(start),
            closes,
            above: open.last().copied(),
        });
        if !tag.ends_with("/>") {
            open.push(out.len() - 1);
        }
    }
    out
}

/// Where something new goes beside the field whose tag opens on this line.
pub(super) fn beside(tags: &[Tag], line: usize) -> Beside {
    let Some(field) = tags.iter().find(|tag| tag.opens == line && tag.name == "field") else {
        return Beside::Here;
    };
    let mut way = Vec::new();
    let mut above = field.above;
    while let Some(index) = above {
        way.push(index);
        above = tags[index].above;
    }
    way.reverse();
    let closed = way.iter().position(|index| tags[*index].is_closed());
    let parent = match closed {
        Some(at) => at.checked_sub(1).map(|at| way[at]),
        None => way.last().copied(),
    };
    let locator = parent.filter(|index| tags[*index].is_locator());
    match (closed, locator) {
        (_, Some(index)) if tags[index].is_button_box() || closed.is_some_and(|at| tags[way[at]].name == "button") => {
            Beside::Apart(index)
        }
        (Some(at), _) => Beside::Behind(way[at]),
        (None, _) => Beside::Here,
    }
}
