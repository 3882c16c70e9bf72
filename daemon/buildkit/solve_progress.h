// Puts together what BuildKit tells, piece by piece, of a build's steps.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "daemon/buildkit/buildkit_client.h"

namespace moby::buildkit::v1 {
class StatusResponse;
class Vertex;
}  // namespace moby::buildkit::v1

namespace nopo {

// Not thread-safe.
class SolveProgress {
 public:
  // What `response` says that is new, vertices first. Log comes as it was sent.
  std::vector<SolveEvent> Apply(const moby::buildkit::v1::StatusResponse& response);

  // Steps of the Dockerfile that have a result, FROM excepted: whether that is "cached" depends on
  // the engine, not on the build.
  int steps() const;
  int cached_steps() const;

 private:
  // False when nothing about the vertex changed.
  bool Merge(const moby::buildkit::v1::Vertex& vertex);

  std::map<std::string, SolveVertex> vertices_;  // By digest.
};

}  // namespace nopo
