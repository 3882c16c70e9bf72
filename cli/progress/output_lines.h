// Cuts what tasks print, which arrives in pieces of any size, into whole lines.
//
// Lines are bytes: nothing in them is changed. Not thread-safe.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"

namespace nopo {

namespace v1 {
class TaskOutput;
}  // namespace v1

struct OutputLine {
  std::string task;
  bool is_stderr = false;
  std::string text;  // Without its newline.
};

class OutputLines {
 public:
  // The lines that `output` completes. A line longer than 16 MiB, for which there is no
  // memory to spare, comes in pieces of that size.
  std::vector<OutputLine> Add(const v1::TaskOutput& output);
  // What `task` printed after its last newline.
  std::vector<OutputLine> Flush(absl::string_view task);
  // The same of every task.
  std::vector<OutputLine> FlushAll();

 private:
  std::map<std::pair<std::string, bool>, std::string> unfinished_;  // By task and is_stderr.
};

}  // namespace nopo
