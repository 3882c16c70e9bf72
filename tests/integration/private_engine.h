// An engine of a test's own, for what must not happen to the one that other tests use.
#pragma once

#include <filesystem>
#include <string>

#include "tests/integration/process.h"

namespace nopo {

// Of the release of the engine to test with, in a network of its own, with its data on a disk of
// 120 MB. Starting one takes root.
class PrivateEngine {
 public:
  // Starts one like that at `model`; see problem().
  explicit PrivateEngine(std::string model);
  ~PrivateEngine();

  // Why there is none; "" when it runs.
  const std::string& problem() const { return problem_; }
  std::string docker_host() const { return "unix://" + (dir_ / "docker.sock").string(); }
  // Has `image` too, which the engine at `model` has.
  void Load(const std::string& image);

  // Stops it as a system does that shuts down, and starts it again with the same data.
  void Stop();
  void Start();

 private:
  ProcessOutcome Script(const std::string& script) const;

  const std::string model_;
  std::filesystem::path dir_;
  std::string problem_;
};

}  // namespace nopo
