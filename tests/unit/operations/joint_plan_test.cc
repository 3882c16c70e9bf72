#include "daemon/operations/joint_plan.h"

#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "tests/unit/commands/sample_project.h"

namespace nopo {
namespace {

Target BuiltPackage(std::string id, std::vector<Command> commands,
                    const std::vector<std::string>& depends_on = {}) {
  Target target = APackage(std::move(id), std::move(commands));
  target.build = BuildSettings{.command = "make", .depends_on = DependenciesOn(depends_on)};
  return target;
}

Command InContainer(Command command) {
  command.context = CommandContext::kContainer;
  return command;
}

class JointPlanTest : public testing::Test {
 protected:
  // A line for each task: "web:build after shared:gen: requested".
  std::string Picture(const std::vector<std::string>& builds, const std::string& command = "") {
    JointRequest request{.build_images_of_commands = build_images_};
    for (const std::string& id : builds) request.builds.push_back(project_.FindTarget(id));
    if (!command.empty()) {
      std::vector<const Target*> all;
      for (const Target& target : project_.targets) all.push_back(&target);
      request.commands = *PlanCommands(project_, {.command = command, .targets = all});
    }
    ImageNames names;
    project_.os.image = "node:22-slim";
    names.base = "shop:local";
    absl::StatusOr<JointPlan> joint = PlanJointly(project_, names, std::move(request));
    if (!joint.ok()) return std::string(joint.status().message());
    of_builds_ = absl::StrJoin(joint->commands_of_builds, " ");
    const absl::StatusOr<Plan> plan = Plan::Create(joint->tasks);
    if (!plan.ok()) return std::string(plan.status().message());
    std::string picture;
    for (const Task& task : plan->tasks()) {
      EXPECT_NE(joint->builds.contains(task.name), joint->commands.contains(task.name));
      absl::StrAppend(&picture, task.name, task.depends_on.empty() ? "" : " after ",
                      absl::StrJoin(task.depends_on, ", "), ": ", task.reason, "\n");
    }
    return picture;
  }

  Project project_;
  bool build_images_ = true;
  std::string of_builds_;
};

TEST_F(JointPlanTest, ABuildWaitsForItsCommandsAndTheseForTheirs) {
  project_ =
      ProjectWith({BuiltPackage("web", {}, {"shared:gen"}),
                   APackage("shared", {DependingOn(Groups("gen", {Runs("a", "x"), Runs("b", "x")}),
                                                   {"schema:pull", "tool:build"})}),
                   APackage("schema", {Runs("pull", "x")}), BuiltPackage("tool", {})});

  EXPECT_EQ(Picture({"web"}),
            "schema:pull: shared:gen:a needs it\n"
            "tool:build: shared:gen:a needs it\n"
            "shared:gen:a after schema:pull, tool:build: web:build needs it\n"
            "shared:gen:b after schema:pull, tool:build: web:build needs it\n"
            "web:build after shared:gen:a, shared:gen:b: requested\n");
  EXPECT_EQ(of_builds_, "schema:pull shared:gen:a shared:gen:b");
}

TEST_F(JointPlanTest, APreBuiltTargetsCommandWaitsForNoBuild) {
  Target db = AService("db", {InContainer(Runs("migrate", "x"))});
  db.image = "postgres:16";
  project_ = ProjectWith({BuiltPackage("web", {}), db});

  EXPECT_EQ(Picture({"web"}, "migrate"),
            "db:migrate: requested\n"
            "web:build: requested\n");
}

TEST_F(JointPlanTest, ABuildThatACommandNeedsMayNeedCommandsItself) {
  project_ = ProjectWith({APackage("web", {DependingOn(Runs("test", "x"), {"tool:build"})}),
                          BuiltPackage("tool", {}, {"schema:pull"}),
                          APackage("schema", {Runs("pull", "x")})});

  EXPECT_EQ(Picture({}, "test"),
            "schema:pull: tool:build needs it\n"
            "tool:build after schema:pull: web:test needs it\n"
            "web:test after tool:build: requested\n");
}

TEST_F(JointPlanTest, ACommandInAContainerWaitsForItsImage) {
  project_ = ProjectWith({BuiltPackage("web", {}, {"shared:gen"}),
                          APackage("shared", {InContainer(Runs("gen", "x"))})});

  EXPECT_EQ(Picture({"web"}),
            "root:build: shared:gen runs in it\n"
            "shared:gen after root:build: web:build needs it\n"
            "web:build after shared:gen: requested\n");

  build_images_ = false;
  EXPECT_EQ(Picture({"web"}),
            "shared:gen: web:build needs it\n"
            "web:build after shared:gen: requested\n");
}

TEST_F(JointPlanTest, ACommandIsOneTaskWhoeverAsksForIt) {
  project_ = ProjectWith({BuiltPackage("web", {Runs("gen", "x")}, {"shared:gen"}),
                          APackage("shared", {Runs("gen", "x")})});

  EXPECT_EQ(Picture({"web"}, "gen"),
            "shared:gen: requested\n"
            "web:build after shared:gen: requested\n"
            "web:gen: requested\n");
}

TEST_F(JointPlanTest, ADependencyOnTheBuildOfAServiceOnTheBaseImageIsOneOnThat) {
  project_ = ProjectWith(
      {APackage("web", {DependingOn(Runs("test", "x"), {"db:build"})}), AService("db", {})});

  EXPECT_EQ(Picture({}, "test"),
            "root:build: db stands on it\n"
            "web:test after root:build: requested\n");
}

TEST_F(JointPlanTest, AMissingCommandOfABuildIsNamedWithItsPlace) {
  project_ = ProjectWith({BuiltPackage("web", {}, {"shared:gen"}), APackage("shared", {})});

  EXPECT_EQ(Picture({"web"}),
            "nopo.yml:7:3: build.depends_on: web:build depends on 'gen' of shared, which has no "
            "such command; it has "
            "no commands");
}

}  // namespace
}  // namespace nopo
