// The reader and the writer of `.env`: any text, and nopo's block put into what could be read.
#include <cstdlib>

#include "daemon/project/dotenv.h"

namespace nopo {
namespace {

bool IsOwn(const DotenvEntry& entry) { return entry.key.substr(0, 7) == "DOCKER_"; }

Dotenv Reread(const std::string& text) {
  absl::StatusOr<Dotenv> dotenv = ParseDotenv(text, ".env");
  if (!dotenv.ok()) std::abort();
  return *std::move(dotenv);
}

// The block then holds what was asked for, and the user's variables are what they were.
void Write(absl::string_view text, const Dotenv& dotenv) {
  const EnvironmentMap values = {{"DOCKER_PORT", "80"}, {"DOCKER_TAG", "a b'c"}};
  const std::optional<std::string> written = WithBlock(text, dotenv, values, IsOwn);
  if (!written.has_value()) return;
  const Dotenv again = Reread(*written);
  if (again.block != values) std::abort();
  for (const auto& [name, value] : dotenv.user) {
    const auto it = again.user.find(name);
    // What stood in the block without being nopo's comes behind the user's own.
    if (it == again.user.end() || (it->second != value && !dotenv.block.contains(name))) {
      std::abort();
    }
  }
  if (WithBlock(*written, again, values, IsOwn).has_value()) std::abort();
}

void Read(absl::string_view text) {
  const absl::StatusOr<Dotenv> dotenv = ParseDotenv(text, ".env");
  if (!dotenv.ok()) {
    // Says where.
    if (dotenv.status().message().substr(0, 5) != ".env:") std::abort();
    return;
  }
  for (const auto& [name, value] : dotenv->All()) {
    if (name.empty() || name.find('=') != std::string::npos) std::abort();
  }
  Write(text, *dotenv);
}

// A value that both can be written for is read as it was.
void WriteValue(const std::string& value) {
  if (value.find_first_of(std::string("\0'`", 3)) != std::string::npos) return;
  if (Reread(DotenvLine("A", value) + "\n").user.at("A") != value) std::abort();
}

}  // namespace
}  // namespace nopo

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  nopo::Read({reinterpret_cast<const char*>(data), size});
  nopo::WriteValue(std::string(reinterpret_cast<const char*>(data), size));
  return 0;
}
