#include "cli/progress/output_lines.h"

#include "nopo/v1/event.pb.h"

namespace nopo {
namespace {
constexpr size_t kLineLimit = 64 << 10;
}  // namespace

std::vector<OutputLine> OutputLines::Add(const v1::TaskOutput& output) {
  const bool is_stderr = output.stream() == v1::TaskOutput::STREAM_STDERR;
  std::string& unfinished = unfinished_[{output.task(), is_stderr}];
  unfinished += output.data();
  std::vector<OutputLine> lines;
  size_t start = 0;
  while (start < unfinished.size()) {
    size_t end = unfinished.find('\n', start);
    size_t next = end + 1;
    if (end == std::string::npos || end - start > kLineLimit) {
      if (unfinished.size() - start <= kLineLimit) break;
      end = next = start + kLineLimit;
    }
    lines.push_back({output.task(), is_stderr, unfinished.substr(start, end - start)});
    start = next;
  }
  unfinished.erase(0, start);
  return lines;
}

std::vector<OutputLine> OutputLines::Flush(absl::string_view task) {
  std::vector<OutputLine> lines;
  for (const bool is_stderr : {false, true}) {
    const auto found = unfinished_.find({std::string(task), is_stderr});
    if (found == unfinished_.end()) continue;
    if (!found->second.empty()) lines.push_back({std::string(task), is_stderr, found->second});
    unfinished_.erase(found);
  }
  return lines;
}

std::vector<OutputLine> OutputLines::FlushAll() {
  std::vector<OutputLine> lines;
  for (const auto& [key, text] : unfinished_) {
    if (!text.empty()) lines.push_back({key.first, key.second, text});
  }
  unfinished_.clear();
  return lines;
}

}  // namespace nopo
