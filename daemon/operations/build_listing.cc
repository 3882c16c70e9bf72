#include "daemon/operations/build_listing.h"

#include <boost/json.hpp>

#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "daemon/operations/json_values.h"
#include "daemon/operations/plan_listing.h"

namespace nopo {
namespace {

// A folder as people type it.
std::string FromRoot(const std::filesystem::path& path, const std::filesystem::path& root) {
  std::string relative = path.lexically_relative(root).string();
  return relative.empty() ? path.string() : relative;
}

boost::json::object JsonOf(const ImageBuild& build, const std::filesystem::path& root) {
  boost::json::array secrets, ssh;
  for (const BuildSecret& secret : build.secrets) secrets.emplace_back(secret.id);
  for (const BuildSshAgent& agent : build.ssh_agents) ssh.emplace_back(agent.id);
  return {{"type", "image"},
          {"tag", build.tag},
          {"context", FromRoot(build.context_dir, root)},
          {"dockerfile", build.dockerfile_name},
          {"dockerfile_text", build.dockerfile_text},
          {"target", build.stage},
          {"args", JsonObject(build.build_args)},
          {"labels", JsonObject(build.labels)},
          {"ignore", JsonStrings(build.ignore)},
          {"base_images", JsonStrings(build.base_images)},
          {"secrets", std::move(secrets)},
          {"ssh", std::move(ssh)}};
}

boost::json::object JsonOf(const PackageBuild& build, const std::filesystem::path& root) {
  boost::json::array outputs;
  for (const std::filesystem::path& output : build.outputs) {
    outputs.emplace_back(FromRoot(output, root));
  }
  return {{"type", "package"},
          {"command", build.command},
          {"dir", FromRoot(build.dir, root)},
          {"outputs", std::move(outputs)},
          {"env", JsonObject(build.env)}};
}

std::string TextOf(const ImageBuild& build, const std::filesystem::path& root) {
  std::string text = absl::StrCat("# ", build.target, ": ", build.tag, ", of ",
                                  FromRoot(build.context_dir, root), " by ", build.dockerfile_name);
  if (!build.stage.empty()) absl::StrAppend(&text, ", stage ", build.stage);
  absl::StrAppend(&text, "\n", build.dockerfile_text);
  return absl::EndsWith(text, "\n") ? text : absl::StrCat(text, "\n");
}

std::string TextOf(const PackageBuild& build, const std::filesystem::path& root) {
  return absl::StrCat("# ", build.target, ": package, on the host in ", FromRoot(build.dir, root),
                      "\n", build.command, "\n");
}

}  // namespace

ResultReady DescribeBuilds(const Plan& plan, const std::map<std::string, BuildTask>& builds,
                           const std::filesystem::path& root) {
  boost::json::array stages, entries;
  for (const std::vector<std::string>& stage : plan.Stages()) stages.push_back(JsonStrings(stage));
  ResultReady result;
  for (const Task& task : plan.tasks()) {
    const auto found = builds.find(task.name);
    if (found == builds.end()) continue;  // A command or a push.
    boost::json::object entry{{"task", task.name},
                              {"name", TargetOfTask(task.name)},
                              {"depends_on", JsonStrings(task.depends_on)}};
    std::visit(
        [&](const auto& build) {
          for (auto& [key, value] : JsonOf(build, root)) entry[key] = std::move(value);
          absl::StrAppend(&result.output, result.output.empty() ? "" : "\n", TextOf(build, root));
        },
        found->second);
    entries.push_back(std::move(entry));
  }
  if (entries.empty()) result.summary = "nothing to build";
  result.json =
      boost::json::serialize(boost::json::object{{"stages", stages}, {"builds", entries}});
  return result;
}

}  // namespace nopo
