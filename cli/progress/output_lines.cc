#include "cli/progress/output_lines.h"

#include <algorithm>
#include <utility>

#include "nopo/v1/event.pb.h"

namespace nopo {
namespace {
constexpr size_t kLineLimit = 16 << 20;
}  // namespace

std::vector<OutputLine> OutputLines::Add(const v1::TaskOutput& output) {
  const bool is_stderr = output.stream() == v1::TaskOutput::STREAM_STDERR;
  std::string& unfinished = unfinished_[{output.task(), is_stderr}];
  absl::string_view data = output.data();
  std::vector<OutputLine> lines;
  while (!data.empty()) {
    const size_t end = data.find('\n');
    const size_t size = std::min({end, data.size(), kLineLimit - unfinished.size()});
    unfinished.append(data.data(), size);
    data.remove_prefix(size);
    const bool ended = size == end;
    if (!ended && data.empty()) break;
    if (ended) data.remove_prefix(1);
    lines.push_back({output.task(), is_stderr, std::exchange(unfinished, {})});
  }
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
