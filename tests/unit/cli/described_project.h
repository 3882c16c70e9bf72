// A project as the daemon describes it to help and completion.
#pragma once

#include <string>
#include <vector>

#include "nopo/v1/project.pb.h"

namespace nopo {

inline void AddCommand(const std::string& path, const std::vector<std::string>& targets,
                       v1::DescribeProjectResponse& project) {
  auto& command = *project.add_commands();
  command.set_path(path);
  for (const std::string& target : targets) command.add_targets(target);
}

// Services api and web and the package lib, with nested commands.
inline v1::DescribeProjectResponse DescribedProject() {
  v1::DescribeProjectResponse project;
  project.set_name("Shop");
  for (const char* name : {"api", "lib", "web"}) {
    auto& target = *project.add_targets();
    target.set_name(name);
    target.set_type(std::string(name) == "lib" ? "package" : "service");
  }
  project.mutable_targets(2)->set_description("Front end\nwith a second line");
  AddCommand("check", {"api", "web"}, project);
  AddCommand("check:py", {"api"}, project);
  AddCommand("check:types", {"web"}, project);
  AddCommand("check:types:ts", {"web"}, project);
  AddCommand("lint", {"api", "lib"}, project);
  AddCommand("list", {"lib"}, project);
  for (const char* tag : {"backend", "frontend"}) project.add_tags(tag);
  for (const char* term : {"buildable", "service", "tags", "cpu"}) project.add_filter_terms(term);
  return project;
}

}  // namespace nopo
