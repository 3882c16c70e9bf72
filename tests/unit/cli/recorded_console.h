// A console that keeps what is written to it.
#pragma once

#include <string>

#include "absl/strings/str_cat.h"
#include "cli/progress/console.h"

namespace nopo {

// Must outlive the consoles it gives out.
struct RecordedConsole {
  std::string out;
  std::string error;

  Console console() {
    return {.out = [this](absl::string_view text) { absl::StrAppend(&out, text); },
            .error = [this](absl::string_view text) { absl::StrAppend(&error, text); }};
  }
};

}  // namespace nopo
