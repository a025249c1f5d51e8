import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.source.util.JavacTask;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaFileObject;
import javax.tools.ToolProvider;
import org.apache.maven.model.io.xpp3.MavenXpp3Reader;

/** Judges a Maven project without its dependencies: syntax and packages of its sources, and the model of its POM. */
public class Judge {

    public static void main(String[] arguments) throws Exception {
        var root = Path.of(arguments[0]).toAbsolutePath();
        try (var reader = Files.newBufferedReader(root.resolve("pom.xml"), UTF_8)) {
            var strict = true;
            var model = new MavenXpp3Reader().read(reader, strict);
            System.out.println(model.getId() + " " + model.getDescription());
        }
        var wrong = false;
        for (var sources : List.of(root.resolve("src/main/java"), root.resolve("src/test/java"))) {
            wrong |= isWrong(sources);
        }
        System.exit(wrong ? 1 : 0);
    }

    private static boolean isWrong(Path sources) throws Exception {
        var compiler = ToolProvider.getSystemJavaCompiler();
        var problems = new DiagnosticCollector<JavaFileObject>();
        var wrong = false;
        try (var manager = compiler.getStandardFileManager(problems, null, UTF_8);
                var found = Files.walk(sources)) {
            var paths = found.filter(path -> path.toString().endsWith(".java")).toList();
            var sourceFiles = manager.getJavaFileObjectsFromPaths(paths);
            // Diagnostics would wait for annotation processing, which never comes.
            var options = List.of("-proc:none");
            var task = compiler.getTask(null, manager, problems, options, null, sourceFiles);
            for (var unit : ((JavacTask) task).parse()) {
                var folder = sources.relativize(Path.of(unit.getSourceFile().toUri()).getParent()).toString();
                if (!folder.replace('/', '.').equals(String.valueOf(unit.getPackageName()))) {
                    System.out.println(unit.getSourceFile().getName() + ": is in package " + unit.getPackageName());
                    wrong = true;
                }
            }
        }
        problems.getDiagnostics().forEach(System.out::println);
        return wrong || !problems.getDiagnostics().isEmpty();
    }
}
