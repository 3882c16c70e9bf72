#include "daemon/build/command_writes.h"

#include <cstdint>
#include <fstream>
#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/fingerprint.h"

namespace nopo {
namespace {

constexpr uintmax_t kMostHashed = 16 << 20;

}  // namespace

std::string ContentOf(const std::filesystem::path& file) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(file, error)) return "";
  const uintmax_t size = std::filesystem::file_size(file, error);
  if (error) return "";
  if (size > kMostHashed) return absl::StrCat(size);
  std::ifstream stream(file, std::ios::binary);
  const std::string text(std::istreambuf_iterator<char>(stream), {});
  return absl::StrCat(size, " ", Fingerprint().Add(text).Hex());
}

CommandWrites::Verdict CommandWrites::Judge(
    const std::map<std::filesystem::path, Change>& changes) {
  Verdict verdict;
  const std::map<std::filesystem::path, Seen> before = std::exchange(seen_, {});
  for (const auto& [path, change] : changes) {
    const auto known = before.find(path);
    Seen& seen = seen_[path] = {.content = change.content};
    if (known != before.end() && known->second.content == change.content) continue;
    if (known != before.end()) seen.rounds = known->second.rounds;
    if (!change.while_running) {
      verdict.news.push_back(path);
    } else if (seen.rounds < kMostRounds) {
      ++seen.rounds;
      verdict.news.push_back(path);
    } else if (seen.rounds++ == kMostRounds) {
      verdict.given_up.push_back(path);
    }
  }
  return verdict;
}

const std::string* CommandWrites::LastContent(const std::filesystem::path& file) const {
  const auto found = seen_.find(file);
  return found == seen_.end() ? nullptr : &found->second.content;
}

}  // namespace nopo
