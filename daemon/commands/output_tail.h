// Keeps the end of what a task prints, so that its failure can be shown with it.
#pragma once

#include <array>
#include <deque>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace nopo {

// Not thread-safe. Uses little memory whatever is printed: lines are cut at kMaxLineBytes.
class OutputTail {
 public:
  static constexpr size_t kMaxLineBytes = 2000;

  // Keeps the last `max_lines` lines.
  explicit OutputTail(size_t max_lines) : max_lines_(max_lines) {}

  // Any bytes, cut anywhere. Streams (0: stdout, 1: stderr) have lines of their own; a line takes
  // its place when it ends.
  void Append(int stream, absl::string_view data);

  // Oldest first, unfinished lines at the end. Each is valid UTF-8 without control characters and
  // escape sequences; of text overwritten with '\r' (a progress bar) the last state is kept.
  std::vector<std::string> Lines() const;

 private:
  void Keep(std::string line);

  const size_t max_lines_;
  std::deque<std::string> lines_;               // Raw.
  std::array<std::string, 2> unfinished_ = {};  // By stream.
};

// `bytes` as a line that every terminal and every UTF-8 parser takes; see OutputTail::Lines.
std::string ReadableLine(absl::string_view bytes);

}  // namespace nopo
