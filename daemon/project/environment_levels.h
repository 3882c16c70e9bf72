// The places from which the variables that nopo manages may come.
#pragma once

#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "daemon/project/dotenv.h"

namespace nopo {

// Strongest first.
enum class Place { kProcess, kUser, kBlock, kComputed };

// What the caller's process, the user's keys in `.env` and nopo's block in it say. An empty value
// is an unset one.
class EnvironmentLevels {
 public:
  // Both must outlive this. With `forget` the block says nothing.
  EnvironmentLevels(const EnvironmentMap& process, const Dotenv& dotenv, bool forget = false)
      : process_(process), dotenv_(dotenv), forget_(forget) {}

  std::optional<std::string> Get(Place place, const std::string& name) const;
  // For messages: "the environment", ".env:3", "nopo's block, .env:9"; without the line where
  // `name` is not set.
  std::string Describe(Place place, const std::string& name) const;

 private:
  const EnvironmentMap& process_;
  const Dotenv& dotenv_;
  const bool forget_;
};

}  // namespace nopo
