// A registry of a test's own: Debian's docker-registry on a free port of the loopback address,
// which engines talk to without TLS.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "tests/integration/process.h"

namespace nopo {

class TestRegistry {
 public:
  enum class Access { kEverybody, kWithPassword };

  // Starts it with its data in `dir` and waits until it answers.
  TestRegistry(const std::filesystem::path& dir, Access access);

  // False where there is no such program.
  static bool IsInstalled();

  // "127.0.0.1:40001"
  const std::string& address() const { return address_; }
  // The configuration of a Docker client that has logged in as kUser.
  std::string ClientConfig() const;
  // Whether it holds `repository`:`tag`.
  bool Has(const std::string& repository, const std::string& tag) const;

  // Whether one of its blobs holds `text`.
  bool HasBlobWith(const std::string& text) const;

  static constexpr char kUser[] = "ann";
  static constexpr char kPassword[] = "secret";

 private:
  const std::filesystem::path data_;
  std::string address_;
  std::unique_ptr<TestProcess> process_;
};

}  // namespace nopo
