// Where the value of a variable comes from: what each place says, and which one wins.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "daemon/project/dotenv.h"
#include "daemon/project/image_names.h"
#include "daemon/project/project.h"

namespace nopo {

struct GitFacts;

struct VariableSource {
  std::string place;                 // "the environment", ".env:3", "nopo's block, .env:9"
  std::optional<std::string> value;  // Empty: it says nothing.
  std::string note;                  // "part of DOCKER_TAG", "not read"; may be empty.
  bool wins = false;
};

struct VariableOrigin {
  std::string value;  // "" = none.
  // Strongest first. Of DOCKER_TAG instead one for each component, with its name as the note.
  std::vector<VariableSource> sources;
};

// The variables that steer nopo and that it does not manage: DOCKER_BUILD, DEBUG, ...
std::vector<std::string> SteeringVariables();

// Of a key that nopo manages or is steered by, or that the user has in `.env`; NOT_FOUND for any
// other.
//
// Errors: as ResolveImageNames.
absl::StatusOr<VariableOrigin> FindVariableOrigin(const std::string& key, const Project& project,
                                                  const EnvironmentMap& process,
                                                  const Dotenv& dotenv, const GitFacts& git);

}  // namespace nopo
