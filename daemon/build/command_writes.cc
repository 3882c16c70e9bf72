#include "daemon/build/command_writes.h"

#include <cstdint>
#include <fstream>
#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"
#include "daemon/build/fingerprint.h"

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
    const std::map<std::filesystem::path, std::string>& written) {
  Verdict verdict;
  std::map<std::filesystem::path, Seen> before = std::exchange(seen_, {});
  for (const auto& [path, content] : written) {
    Seen& seen = seen_[path];
    seen = std::move(before[path]);
    if (seen.rounds > 0 && seen.content == content) {
      seen.rounds = 1;
      continue;
    }
    seen.content = content;
    if (seen.rounds > kMostRounds) continue;
    ++seen.rounds;
    (seen.rounds > kMostRounds ? verdict.given_up : verdict.news).push_back(path);
  }
  return verdict;
}

}  // namespace nopo
