#include "daemon/commands/output_tail.h"

#include <algorithm>
#include <utility>

#include "common/utf8.h"

namespace nopo {
namespace {

constexpr char kEscape = '\x1b';

// Length of the terminal escape sequence that `text` starts with: CSI up to its final byte, OSC up
// to BEL or the next escape, else two characters.
size_t EscapeLength(absl::string_view text) {
  if (text.size() < 2) return text.size();
  const auto ends = [&text](size_t from, auto is_last) {
    const auto last = std::find_if(text.begin() + from, text.end(), is_last);
    return static_cast<size_t>(last - text.begin()) + (last == text.end() ? 0 : 1);
  };
  if (text[1] == '[') return ends(2, [](char c) { return c >= 0x40 && c <= 0x7E; });
  if (text[1] == ']') return ends(2, [](char c) { return c == '\a' || c == '\\'; });
  return 2;
}

// Drops what has been overwritten with '\r', then what is too long.
void CutLine(std::string& line) {
  const size_t last = line.find_last_not_of('\r');
  const size_t overwritten = line.rfind('\r', last);
  if (overwritten != std::string::npos) line.erase(0, overwritten + 1);
  if (line.size() > OutputTail::kMaxLineBytes) line.resize(OutputTail::kMaxLineBytes);
}

}  // namespace

std::string ReadableLine(absl::string_view bytes) {
  while (!bytes.empty() && bytes.back() == '\r') bytes.remove_suffix(1);
  if (const size_t overwritten = bytes.rfind('\r'); overwritten != absl::string_view::npos) {
    bytes.remove_prefix(overwritten + 1);
  }
  std::string line;
  while (!bytes.empty()) {
    const size_t length = Utf8Length(bytes);
    const unsigned char first = static_cast<unsigned char>(bytes.front());
    if (bytes.front() == kEscape) {
      bytes.remove_prefix(EscapeLength(bytes));
      continue;
    }
    if (length == 0) {
      line += kReplacementCharacter;
    } else if (length > 1 || first == '\t' || (first >= 0x20 && first != 0x7F)) {
      line.append(bytes.data(), length);
    }
    bytes.remove_prefix(std::max<size_t>(length, 1));
  }
  return line;
}

void OutputTail::Append(int stream, absl::string_view data) {
  std::string& unfinished = unfinished_[stream];
  while (!data.empty()) {
    const size_t end = std::min(data.find('\n'), data.size());
    unfinished.append(data.data(), end);
    if (unfinished.size() > kMaxLineBytes) CutLine(unfinished);
    if (end == data.size()) return;
    Keep(std::exchange(unfinished, {}));
    data.remove_prefix(end + 1);
  }
}

void OutputTail::Keep(std::string line) {
  lines_.push_back(std::move(line));
  if (lines_.size() > max_lines_) lines_.pop_front();
}

std::vector<std::string> OutputTail::Lines() const {
  std::vector<std::string> lines;
  for (const std::string& line : lines_) lines.push_back(ReadableLine(line));
  for (const std::string& line : unfinished_) {
    if (!line.empty()) lines.push_back(ReadableLine(line));
  }
  if (lines.size() > max_lines_) lines.erase(lines.begin(), lines.end() - max_lines_);
  return lines;
}

}  // namespace nopo
