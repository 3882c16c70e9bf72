// Cuts a byte stream into lines.
#pragma once

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace nopo {

class LineSplitter {
 public:
  // Calls `take(line)` (without its '\n'; empty lines are left out) for each line that `bytes`
  // completes; keeps the rest for the next call.
  template <typename Take>
  void Feed(absl::string_view bytes, const Take& take) {
    for (size_t end; (end = bytes.find('\n')) != bytes.npos; bytes.remove_prefix(end + 1)) {
      absl::StrAppend(&rest_, bytes.substr(0, end));
      if (!rest_.empty()) take(absl::string_view(rest_));
      rest_.clear();
    }
    absl::StrAppend(&rest_, bytes);
  }

 private:
  std::string rest_;
};

}  // namespace nopo
