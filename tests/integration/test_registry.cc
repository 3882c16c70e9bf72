#include "tests/integration/test_registry.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <fstream>
#include <iterator>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/endpoint.h"
#include "common/program.h"
#include "common/runtime_paths.h"
#include "common/unique_fd.h"
#include "tests/integration/nopo_test.h"

namespace nopo {
namespace {

constexpr char kProgram[] = "docker-registry";
// bcrypt of TestRegistry::kPassword.
constexpr char kPasswordFile[] =
    "ann:$2y$05$abcdefghijklmnopqrstuuOQiyCxlgf/oeuTqixKmWdcYUh4Hjl0a\n";

int FreePort() {
  const UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  EXPECT_EQ(::bind(fd.get(), reinterpret_cast<sockaddr*>(&address), size), 0);
  EXPECT_EQ(::getsockname(fd.get(), reinterpret_cast<sockaddr*>(&address), &size), 0);
  return ntohs(address.sin_port);
}

std::string Program() { return FindProgram(kProgram, ReadProcessEnvironment("PATH")); }

}  // namespace

TestRegistry::TestRegistry(const std::filesystem::path& dir, Access access) : data_(dir / "data") {
  std::filesystem::create_directories(data_);
  const Endpoint endpoint{.kind = Endpoint::Kind::kTcp, .host = "127.0.0.1", .port = FreePort()};
  address_ = absl::StrCat(endpoint.host, ":", endpoint.port);
  std::ofstream config(dir / "config.yml");
  config << "version: 0.1\nstorage: {filesystem: {rootdirectory: '" << data_.string()
         << "'}}\nhttp: {addr: '" << address_ << "'}\n";
  if (access == Access::kWithPassword) {
    std::ofstream(dir / "htpasswd") << kPasswordFile;
    config << "auth: {htpasswd: {realm: test, path: '" << (dir / "htpasswd").string() << "'}}\n";
  }
  config.close();
  process_ = std::make_unique<TestProcess>(
      std::vector<std::string>{Program(), "serve", (dir / "config.yml").string()},
      std::map<std::string, std::string>{}, dir.string());
  EXPECT_TRUE(Eventually([&] { return Dial(endpoint).ok(); })) << process_->Output();
}

bool TestRegistry::IsInstalled() { return !Program().empty(); }

std::string TestRegistry::ClientConfig() const {
  return absl::StrCat(R"({"auths": {")", address_, R"(": {"auth": ")",
                      absl::Base64Escape(absl::StrCat(kUser, ":", kPassword)), "\"}}}");
}

bool TestRegistry::Has(const std::string& repository, const std::string& tag) const {
  return std::filesystem::exists(data_ / "docker/registry/v2/repositories" / repository /
                                 "_manifests/tags" / tag);
}

bool TestRegistry::HasBlobWith(const std::string& text) const {
  for (const auto& entry : std::filesystem::recursive_directory_iterator(data_)) {
    if (!entry.is_regular_file()) continue;
    std::ifstream file(entry.path());
    const std::string content(std::istreambuf_iterator<char>(file), {});
    if (absl::StrContains(content, text)) return true;
  }
  return false;
}

}  // namespace nopo
