// Projects for tests, built in the words of nopo.yml.
#pragma once

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "daemon/project/project.h"

namespace nopo {

inline Command Runs(std::string name, std::string run) {
  return {.name = name, .path = std::move(name), .run = std::move(run)};
}

// `command` and all below it as they read under `parent`.
inline Command Below(const std::string& parent, Command command) {
  command.path = absl::StrCat(parent, ":", command.path);
  for (Command& child : command.children) child = Below(parent, std::move(child));
  return command;
}

inline Command Groups(std::string name, std::vector<Command> children) {
  Command command = Runs(std::move(name), "");
  for (Command& child : children) command.children.push_back(Below(command.name, child));
  return command;
}

// `dependencies` are "shared" (the same command) or "shared:build".
inline std::vector<Dependency> DependenciesOn(const std::vector<std::string>& dependencies) {
  std::vector<Dependency> result;
  for (const std::string& text : dependencies) {
    Dependency dependency{.target = text.substr(0, text.find(':')),
                          .location = {.file = "nopo.yml", .line = 7, .column = 3}};
    if (dependency.target != text) {
      dependency.commands.push_back(text.substr(dependency.target.size() + 1));
    }
    result.push_back(std::move(dependency));
  }
  return result;
}

inline Command DependingOn(Command command, const std::vector<std::string>& dependencies) {
  command.dependencies = DependenciesOn(dependencies);
  return command;
}

inline Target APackage(std::string id, std::vector<Command> commands,
                       const std::vector<std::string>& dependencies = {}) {
  return {.id = id,
          .name = id,
          .kind = TargetKind::kPackage,
          .dir = "/shop/apps/" + id,
          .path = "apps/" + id,
          .dependencies = DependenciesOn(dependencies),
          .commands = std::move(commands)};
}

inline Target AService(std::string id, std::vector<Command> commands,
                       const std::vector<std::string>& dependencies = {}) {
  Target target = APackage(std::move(id), std::move(commands), dependencies);
  target.kind = TargetKind::kService;
  return target;
}

inline Project ProjectWith(std::vector<Target> targets, std::vector<Command> root_commands = {}) {
  Project project{.name = "Shop", .slug = "shop", .root = "/shop"};
  std::sort(targets.begin(), targets.end(),
            [](const Target& a, const Target& b) { return a.id < b.id; });
  project.targets = std::move(targets);
  project.root_target = {.id = "root",
                         .name = "root",
                         .kind = TargetKind::kRoot,
                         .dir = "/shop",
                         .path = ".",
                         .commands = std::move(root_commands)};
  return project;
}

}  // namespace nopo
