// How wide text is on a terminal, and text that is safe to put there.
#pragma once

#include <string>

#include "absl/strings/string_view.h"

namespace nopo {

// Columns that UTF-8 `text` takes. Escape sequences for colour count as nothing; a byte that is not
// UTF-8 counts as one column.
int DisplayWidth(absl::string_view text);

// `text` cut to at most `columns`, ending in "…" when something was cut. Must have no escapes.
std::string TruncateToWidth(absl::string_view text, int columns);

// `text` cut or padded with spaces to exactly `columns`.
std::string FitToWidth(absl::string_view text, int columns);

// One line of a program's output without what would move the cursor: of a line rewritten with
// carriage returns only its last state stays, tabs become spaces, other controls vanish. Colours
// stay when `keep_colour`, and are then ended.
std::string TerminalSafe(absl::string_view line, bool keep_colour);

}  // namespace nopo
